import t from 'tap';
import type { StatusReply } from '#web-ui/server/messages.ts';
import { SlowLink } from '#web-ui/viewer/slow-link.ts';
import { showsKeyFramesOnly } from '#web-ui/ways/webrtc-statistics.ts';

function scene({ moves = true } = {}) {
  const told: boolean[] = [];
  let asked = 0;
  const link = new SlowLink({
    giveUpWebrtc: () => moves,
    tell: (moved) => told.push(moved),
    ask: () => {
      asked += 1;
    },
  });
  return { link, told, asked: () => asked };
}
const status = (keyFramesOnly: boolean) =>
  ({ viewer: { admitted: true, keyFramesOnly } }) as unknown as StatusReply;
const measure = { framesPerSecond: 1, bitrateKbps: 200, sound: true, delay: null };

t.test(
  'the box says that it sends key frames alone: LL-HLS, with the reason, once for each word of it',
  (t) => {
    const { link, told } = scene();
    const word = status(true);
    link.hear(word, 'webrtc');
    link.hear(word, 'webrtc');
    t.same(told, [true]);
    link.hear(status(true), 'hls');
    link.hear(status(false), 'webrtc');
    t.same(told, [true]);
    t.end();
  },
);

t.test('three looks at nothing but key frames say it as well', (t) => {
  const { link, told } = scene();
  for (const keyFramesOnly of [true, true, false, true, true])
    link.measured({ ...measure, keyFramesOnly }, 'webrtc');
  t.same(told, []);
  link.measured({ ...measure, keyFramesOnly: true }, 'webrtc');
  t.same(told, [true]);
  t.equal(showsKeyFramesOnly({ framesDecoded: 10, keyFrames: 2 }, { framesDecoded: 12, keyFrames: 4 }), true);
  t.equal(
    showsKeyFramesOnly({ framesDecoded: 10, keyFrames: 2 }, { framesDecoded: 40, keyFrames: 3 }),
    false,
  );
  t.equal(
    showsKeyFramesOnly({ framesDecoded: 10, keyFrames: 2 }, { framesDecoded: 10, keyFrames: 2 }),
    false,
  );
  t.end();
});

t.test('who chose WebRTC by hand is told to choose otherwise, once', (t) => {
  const { link, told } = scene({ moves: false });
  link.hear(status(true), 'webrtc');
  link.hear(status(true), 'webrtc');
  t.same(told, [false]);
  t.end();
});

t.test('a picture that stands still is asked about', (t) => {
  const { link, asked } = scene();
  link.look(5, 1_000);
  link.look(5, 1_700);
  t.equal(asked(), 0);
  link.look(5, 1_900);
  link.look(5, 2_500);
  t.equal(asked(), 1, 'and not again at once');
  link.look(5, 4_000);
  t.equal(asked(), 2);
  link.look(null, 9_000);
  t.equal(asked(), 2, 'who pauses expects none');
  t.end();
});
