import t from 'tap';
import { coloursOf, colourText, plainColours, showPq } from '#media/sources/clip-colours.ts';
import { i420Bytes } from '#media/sources/frame-file.ts';

t.test("a clip's own words for its colours", async (t) => {
  for (const plain of ['bt709', 'bt601', 'sRGB', 'smpte240m', '2:3:5:1', '', 'what', '1:2:3'])
    t.same(coloursOf(plain, 720), plainColours, plain);
  t.match(coloursOf('1:4:0:0', 480), { override: null, full: true }, 'JPEG');
  t.match(coloursOf('1:0:0:0', 360), { override: '1:4:5:1', full: true }, 'SD that says only its range');
  t.match(coloursOf('0:0:0:0', 720), { override: '2:3:5:1', full: false }, 'HD that says nothing');
  t.match(coloursOf('bt2100-hlg', 1080), { override: '2:6:13:7', wide: true, pq: false });
  t.match(coloursOf('bt2100-pq', 1080), { override: '2:6:13:7', wide: true, pq: true });
  t.match(coloursOf('bt2020-10', 1080), { wide: true, pq: false });
  t.same(colourText(plainColours), ['videoconvert']);
});

t.test('PQ is brought down to what a screen shows', async (t) => {
  const bytes = Buffer.alloc(i420Bytes(4, 2), 128);
  // 0, 100, 203 and 1,000 nits in ST 2084.
  bytes.set([16, 127, 143, 181], 0);
  showPq(bytes, 4, 2);
  const [black = 0, dim = 0, white = 0, glare = 0] = bytes;
  t.equal(black, 16);
  t.ok(dim > 160 && dim < 190, `100 nits: ${dim}`);
  t.ok(white > 205 && white < 232, `203 nits: ${white}`);
  t.ok(glare > white && glare <= 235, `1,000 nits: ${glare}`);
  t.equal(bytes[i420Bytes(4, 2) - 4], 128, 'grey stays grey');
});
