import t from 'tap';
import { OverlayPainter } from '#media/encoder/overlay-painter.ts';
import { i420Bytes } from '#media/sources/frame-file.ts';
import { layOut } from '#media/sources/overlay-drawing.ts';
import { OverlayPicture } from '#media/sources/overlay-picture.ts';

const size = { width: 640, height: 360 };

t.test('each part stands in its place, within the picture, on even pixels', (t) => {
  for (const place of ['top-left', 'top', 'top-right', 'bottom-left', 'bottom', 'bottom-right'] as const) {
    const [text, logo] = layOut(
      [
        { kind: 'text', text: 'W'.repeat(120), place },
        { kind: 'logo', href: 'data:image/png;base64,', shape: { width: 3_000, height: 30 }, place },
      ],
      size,
    );
    for (const tile of [text, logo]) {
      if (!tile) throw new Error('a part is missing');
      const { x, y, width, height } = tile;
      t.same(
        [x, y, width, height].map((value) => value % 2),
        [0, 0, 0, 0],
      );
      t.ok(x >= 0 && y >= 0 && x + width <= size.width && y + height <= size.height, `${place} ${x},${y}`);
      t.equal(y + height / 2 < size.height / 2, place.startsWith('top'), place);
    }
    t.ok((logo?.y ?? 0) >= (text?.y ?? 0) + (text?.height ?? 0), 'one below the other');
    const centre = (logo?.x ?? 0) + (logo?.width ?? 0) / 2;
    const side = place.endsWith('left') ? 'left' : place.endsWith('right') ? 'right' : 'middle';
    const third = centre < size.width / 3 ? 'left' : centre > (2 * size.width) / 3 ? 'right' : 'middle';
    t.equal(third, side, place);
  }
  t.end();
});

t.test('text is text in the document, whatever it is', (t) => {
  const [tile] = layOut(
    [{ kind: 'text', text: '</text><image xlink:href="/etc/passwd"/>&amp;', place: 'top' }],
    size,
  );
  t.notMatch(tile?.svg, '<image');
  t.match(tile?.svg, '&lt;/text&gt;&lt;image xlink:href=&quot;/etc/passwd&quot;/&gt;&amp;amp;');
  t.end();
});

t.test('what is covered is mixed by its opacity, all else stays as it is', (t) => {
  const [width, height] = [6, 4];
  const overlay = new OverlayPicture(width, height, i420Bytes(width, 2 * height));
  const pixel = (value: number, alpha: number) => [value, value, value, alpha];
  const tile = {
    x: 2,
    y: 2,
    width: 2,
    height: 2,
    // White, half white, nothing, black.
    bgra: Buffer.from([pixel(255, 255), pixel(128, 128), pixel(0, 0), pixel(0, 255)].flat()),
  };
  const painter = new OverlayPainter(width, height);
  const picture = Buffer.alloc(i420Bytes(width, height), 100);
  t.equal(painter.paint(picture), picture, 'with nothing on it, the picture itself goes on');
  painter.take({ read: (into) => overlay.compose([tile]).copy(into) > 0 });
  const before = Buffer.from(picture);
  const painted = painter.paint(picture);
  t.same(picture, before, 'the picture may be shown again');
  const luma = [...Array(4).keys()].map((y) => [...painted.subarray(y * 8, y * 8 + width)]);
  const near = (value: number | undefined, wanted: number) =>
    t.ok(Math.abs((value ?? 0) - wanted) <= 2, `${value}`);
  near(luma[2]?.[2], 235);
  near(luma[2]?.[3], (235 + 100) / 2);
  near(luma[3]?.[2], 100);
  near(luma[3]?.[3], 16);
  luma.forEach((row, y) => {
    row.forEach((value, x) => {
      if (x < 2 || x > 3 || y < 2) t.equal(value, 100);
    });
  });
  const chroma = [...painted.subarray(8 * height, 8 * height + 8)];
  near(chroma[5], 100 + 28 * 0.625);
  t.same([...chroma.slice(0, 5), chroma[6]], Array(6).fill(100));
  painter.take({ read: (into) => overlay.compose([]).copy(into) > 0 });
  t.equal(painter.paint(picture), picture, 'and again once nothing is on it');
  t.end();
});
