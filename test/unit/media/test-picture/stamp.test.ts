import t from 'tap';
import { TestPicture } from '#media/test-picture/painter.ts';
import { decodeStamp, encodeStamp, stampCell } from '#media/test-picture/stamp.ts';

/** The luma of an I420 picture as grey RGBA, scaled by nearest neighbour. */
function greyOf(i420: Buffer, from: { width: number; height: number }, to = from): Uint8Array {
  const stride = (from.width + 3) & ~3;
  const rgba = new Uint8Array(to.width * to.height * 4);
  for (let y = 0; y < to.height; y += 1) {
    for (let x = 0; x < to.width; x += 1) {
      const sourceX = Math.floor((x * from.width) / to.width);
      const sourceY = Math.floor((y * from.height) / to.height);
      rgba.fill(i420[sourceY * stride + sourceX] ?? 0, (y * to.width + x) * 4, (y * to.width + x) * 4 + 3);
    }
  }
  return rgba;
}

const stamp = { clockMs: 1_795_153_801_751, frame: 4_000_000_123 };
const sizes = [
  { width: 160, height: 120 },
  { width: 320, height: 240 },
  { width: 640, height: 360 },
  { width: 854, height: 480 },
  { width: 1280, height: 720 },
  { width: 720, height: 1280 },
];

t.test('a painted stamp reads back at every size', async (t) => {
  for (const size of sizes) {
    const picture = new TestPicture(size.width, size.height);
    picture.paint({ clockMs: 0, frame: 0 });
    const bytes = picture.paint(stamp);
    t.same(decodeStamp(greyOf(bytes, size), size.width, size.height), stamp, JSON.stringify(size));
  }
});

t.test('it survives scaling up and down', async (t) => {
  const from = { width: 1280, height: 720 };
  const bytes = new TestPicture(from.width, from.height).paint(stamp);
  for (const to of [
    { width: 426, height: 240 },
    { width: 800, height: 450 },
    { width: 1920, height: 1080 },
  ]) {
    t.same(decodeStamp(greyOf(bytes, from, to), to.width, to.height), stamp, JSON.stringify(to));
  }
});

t.test('only what changed is painted, and nothing is left of the frame before', async (t) => {
  const reused = new TestPicture(640, 360);
  for (let frame = 0; frame < 50; frame += 1) reused.paint({ clockMs: 1_000_000 + frame * 333, frame });
  const last = { clockMs: 1_000_000, frame: 7 };
  const fresh = new TestPicture(640, 360).paint(last);
  t.ok(reused.paint(last).equals(fresh), 'equal to a picture painted once');
});

t.test('the extremes', async (t) => {
  for (const edge of [
    { clockMs: 0, frame: 0 },
    { clockMs: 2 ** 48 - 1, frame: 2 ** 32 - 1 },
  ]) {
    const bytes = new TestPicture(320, 240).paint(edge);
    t.same(decodeStamp(greyOf(bytes, { width: 320, height: 240 }), 320, 240), edge);
  }
});

t.test('any single wrong bit is noticed', async (t) => {
  const size = { width: 320, height: 240 };
  const bits = encodeStamp(stamp);
  const grey = greyOf(new TestPicture(size.width, size.height).paint(stamp), size);
  for (let bit = 0; bit < bits.length; bit += 1) {
    const broken = Uint8Array.from(grey);
    const cell = stampCell(bit, size.width, size.height);
    for (let y = cell.y; y < cell.y + cell.height; y += 1) {
      const row = (y * size.width + cell.x) * 4;
      broken.fill(bits[bit] === 1 ? 16 : 235, row, row + cell.width * 4);
    }
    t.equal(decodeStamp(broken, size.width, size.height), null, `bit ${bit}`);
  }
});

t.test('what is no stamp is null', async (t) => {
  const pixels = 320 * 240 * 4;
  t.equal(decodeStamp(new Uint8Array(pixels), 320, 240), null, 'black');
  t.equal(decodeStamp(new Uint8Array(pixels).fill(255), 320, 240), null, 'white');
  t.equal(
    decodeStamp(
      Uint8Array.from({ length: pixels }, (_, at) => (at * 7919) & 255),
      320,
      240,
    ),
    null,
    'noise',
  );
  t.equal(decodeStamp(new Uint8Array(100), 320, 240), null, 'too few bytes');
  t.equal(decodeStamp(new Uint8Array(0), 0, 0), null, 'nothing');
});

t.test('the decoder stands alone, for injection into a page', async (t) => {
  const alone = new Function(`return ${decodeStamp.toString()}`)();
  const size = { width: 320, height: 240 };
  const bytes = new TestPicture(size.width, size.height).paint(stamp);
  t.same(alone(greyOf(bytes, size), size.width, size.height), stamp);
});
