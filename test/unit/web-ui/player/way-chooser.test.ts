import t from 'tap';
import { lancastDelayMs, reconnectDelayMs } from '#web-ui/player/reconnect-delay.ts';
import { isWayChoice, type WayChoice, WayChooser } from '#web-ui/player/way-chooser.ts';

const minuteMs = 60_000;
const chooser = (choice: WayChoice = 'auto', supports: (way: string) => boolean = () => true) =>
  new WayChooser({ choice, supports });

t.test('reconnection: as LANCast says, and quick at first where it had worked', async (t) => {
  const delays = (hadWorked: boolean) =>
    [0, 1, 2, 3, 4, 5, 6, 7, 8].map((n) => reconnectDelayMs(n, hadWorked));
  t.same(delays(false), [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000, 30000]);
  t.same(delays(true), [250, 500, 1000, 2000, 4000, 8000, 16000, 30000, 30000]);
  t.equal(reconnectDelayMs(5000, true), 30000);
});

t.test('LANCast is connected again after the printed delay, and at most half as long again', async (t) => {
  const printed = [1000, 2000, 4000, 8000, 16000, 30000, 30000];
  for (const [random, factor] of [
    [0, 1],
    [0.5, 1.25],
    [1, 1.5],
  ] as const) {
    t.same(
      printed.map((_, attempt) => lancastDelayMs(attempt, () => random)),
      printed.map((delayMs) => delayMs * factor),
    );
  }
});

t.test('automatic is WebRTC first, then LL-HLS, and back later and later', async (t) => {
  const ways = chooser();
  t.equal(ways.next(0), 'webrtc');
  ways.note('webrtc', 'timeout', 0);
  t.equal(ways.next(29_999), 'hls');
  t.notOk(ways.mayReturn(29_999));
  t.ok(ways.mayReturn(30_000));
  ways.note('webrtc', 'timeout', 30_000);
  t.equal(ways.next(30_000 + minuteMs - 1), 'hls', 'twice as long the second time');
  t.equal(ways.next(30_000 + minuteMs), 'webrtc');
  ways.noteSteady('webrtc');
  ways.note('webrtc', 'refused', 10 * minuteMs);
  t.equal(ways.next(10 * minuteMs + 30_000), 'webrtc', 'after good days it begins anew');
});

t.test('only stalls that repeat count against WebRTC', async (t) => {
  const ways = chooser();
  ways.note('webrtc', 'frozen', 0);
  ways.note('webrtc', 'lost', 20_000);
  t.equal(ways.next(20_000), 'webrtc');
  ways.note('webrtc', 'frozen', 61_000);
  t.equal(ways.next(61_000), 'webrtc', 'the first was too long ago');
  ways.note('webrtc', 'frozen', 62_000);
  t.equal(ways.next(62_000), 'hls');
});

t.test('a full house or an absent server says nothing about the way', async (t) => {
  const ways = chooser();
  for (const failure of ['full', 'unavailable', 'network'] as const) ways.note('webrtc', failure, 0);
  t.equal(ways.next(0), 'webrtc');
});

t.test('LL-HLS that fails again gives WebRTC another chance', async (t) => {
  const ways = chooser();
  ways.note('webrtc', 'timeout', 0);
  ways.note('hls', 'frozen', 500);
  t.equal(ways.next(500), 'hls');
  ways.noteSteady('hls');
  ways.note('hls', 'frozen', 700);
  t.equal(ways.next(700), 'hls');
  ways.note('hls', 'lost', 1_000);
  t.equal(ways.next(1_000), 'webrtc');
});

t.test('what the browser cannot do is not chosen, what people choose is kept', async (t) => {
  t.equal(chooser('auto', (way) => way === 'hls').next(0), 'hls');
  const noHls = chooser('auto', (way) => way === 'webrtc');
  noHls.note('webrtc', 'timeout', 0);
  t.equal(noHls.next(0), 'webrtc');
  const byHand = chooser('webrtc');
  byHand.note('webrtc', 'timeout', 0);
  t.equal(byHand.next(0), 'webrtc');
  byHand.choose('hls');
  t.equal(byHand.next(0), 'hls');
  t.notOk(byHand.mayReturn(minuteMs), 'nobody is moved who chose');
  byHand.choose('auto');
  t.equal(byHand.next(0), 'webrtc');
});

t.test('a choice from an address is checked', async (t) => {
  t.ok(isWayChoice('hls'));
  for (const text of ['HLS', '', 'x', null, undefined]) t.notOk(isWayChoice(text));
});

t.test('held to one way, and let go again', async (t) => {
  const ways = new WayChooser({ choice: 'auto', supports: () => true });
  ways.hold('hls');
  t.equal(ways.next(0), 'hls');
  t.notOk(ways.mayReturn(0), 'no way back while it is held');
  ways.hold(null);
  t.ok(ways.mayReturn(0), 'then at once');
  ways.choose('webrtc');
  ways.hold('hls');
  t.equal(ways.next(0), 'hls', 'whatever was chosen');
  ways.hold(null);
  t.ok(ways.mayReturn(0));
});
