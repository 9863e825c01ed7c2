import t from 'tap';
import { delayBySender, delaySinceCapture, RecentDelay, webrtcDelay } from '#web-ui/player/delay-estimate.ts';
import { FrameWatch } from '#web-ui/player/frame-watch.ts';
import { ServerClock } from '#web-ui/player/server-clock.ts';

/** Asks a server whose clock is `offsetMs` ahead of the page's, when the clock wants to. */
function ask(clock: ServerClock, nowMs: number, offsetMs: number, tripMs: number): number {
  const sentAtMs = nowMs + clock.nextSampleInMs(nowMs) - tripMs / 2;
  const receivedAtMs = sentAtMs + tripMs;
  const serverMs = sentAtMs + tripMs / 2 + offsetMs;
  clock.note({ sentAtMs, receivedAtMs, serverDateMs: Math.floor(serverMs / 1000) * 1000 });
  return receivedAtMs;
}

t.test('whole seconds, asked at the right moments, give the clock to some milliseconds', async (t) => {
  for (const offsetMs of [1_763_600_000_000, 1_763_600_000_499.5, 1_763_600_000_999, 1_763_600_123_456]) {
    const clock = new ServerClock();
    t.equal(clock.serverTimeMs(0), null);
    let nowMs = 1234;
    let questions = 0;
    while (!clock.precise && questions < 20) {
      nowMs = ask(clock, nowMs + 5, offsetMs, 4);
      questions += 1;
    }
    t.ok(questions <= 7, `${questions} questions`);
    const errorMs = Math.abs((clock.serverTimeMs(nowMs) ?? 0) - (nowMs + offsetMs));
    t.ok(errorMs <= clock.uncertaintyMs + 0.01, `${errorMs} ms off, within ${clock.uncertaintyMs}`);
    t.ok(errorMs < 45);
  }
});

t.test('a server clock that is set meanwhile is followed', async (t) => {
  const clock = new ServerClock();
  let nowMs = 0;
  for (let i = 0; i < 8; i += 1) nowMs = ask(clock, nowMs + 5, 1_000_000_000_000, 4);
  for (let i = 0; i < 8; i += 1) nowMs = ask(clock, nowMs + 5, 1_000_003_600_250, 4);
  t.ok(Math.abs((clock.serverTimeMs(nowMs) ?? 0) - (nowMs + 1_000_003_600_250)) < 45);
});

t.test('what is known long ago is known less exactly', async (t) => {
  const clock = new ServerClock();
  let nowMs = 0;
  for (let i = 0; i < 8; i += 1) nowMs = ask(clock, nowMs + 5, 1_000_000_000_000, 4);
  const before = clock.uncertaintyMs;
  clock.note({ sentAtMs: nowMs + 600_000, receivedAtMs: nowMs + 600_900, serverDateMs: 1_000_000_600_000 });
  t.ok(clock.uncertaintyMs > before);
});

t.test('delay is the clock now, less the capture time of the picture', async (t) => {
  t.same(delaySinceCapture(1_000_000, 1_001_200), { ms: 1_200, basis: 'capture' });
  t.same(delaySinceCapture(1_000_020, 1_000_000), { ms: 0, basis: 'capture' }, 'never before its time');
  t.equal(delaySinceCapture(null, 1), null);
  t.equal(delaySinceCapture(1, null), null);
  t.equal(delaySinceCapture(0, 1_763_600_000_000), null, 'two clocks that disagree are no delay');
});

t.test('WebRTC: the best that the browser tells', async (t) => {
  const before = {
    jitterBufferDelaySeconds: 10,
    jitterBufferEmittedCount: 100,
    decodeSeconds: 1,
    framesDecoded: 100,
  };
  const now = {
    jitterBufferDelaySeconds: 10.6,
    jitterBufferEmittedCount: 130,
    decodeSeconds: 1.15,
    framesDecoded: 130,
  };
  const roundTripSeconds = 0.01;
  const frame = { expectedDisplayTime: 5_000, receiveTime: 4_970 };
  t.same(webrtcDelay({ frame, before, now, roundTripSeconds }), { ms: 35, basis: 'sent' });
  t.same(webrtcDelay({ frame: { ...frame, captureTime: 4_920 }, before, now, roundTripSeconds }), {
    ms: 80,
    basis: 'capture',
  });
  const counted = webrtcDelay({ frame: null, before, now, roundTripSeconds });
  t.equal(counted?.basis, 'sent');
  t.equal(Math.round(counted?.ms ?? 0), 30);
  t.equal(webrtcDelay({ frame: null, before: null, now, roundTripSeconds }), null);
  t.equal(webrtcDelay({ frame: null, before: now, now, roundTripSeconds }), null, 'nothing came');
});

t.test('WebRTC by the clock of the box: its reports say when what is shown was captured', async (t) => {
  const ntpEpochMs = 2_208_988_800_000;
  const nowMs = 1_763_600_000_000;
  const sender = {
    playoutNtpMs: nowMs - 7_000 - 45 + ntpEpochMs, // this device is 7 s ahead of the box
    askedAtMs: nowMs,
    report: { sentMs: nowMs - 7_500, cameMs: nowMs - 495 },
    roundTripSeconds: 0.01,
  };
  t.same(delayBySender(sender), { ms: 45, basis: 'capture' });
  t.equal(delayBySender({ ...sender, report: null }), null, 'no report yet');
  t.equal(delayBySender({ ...sender, playoutNtpMs: undefined }), null, 'a browser that does not tell');
  t.equal(
    delayBySender({ ...sender, playoutNtpMs: nowMs + ntpEpochMs }),
    null,
    'nothing is shown before its time',
  );
  const none = {
    jitterBufferDelaySeconds: 0,
    jitterBufferEmittedCount: 0,
    decodeSeconds: 0,
    framesDecoded: 0,
  };
  const options = { before: null, now: none, roundTripSeconds: 0.01, sender };
  const frame = { expectedDisplayTime: 5_000, receiveTime: 4_970 };
  t.same(webrtcDelay({ ...options, frame }), { ms: 45, basis: 'capture' });
  t.same(
    webrtcDelay({ ...options, frame: { expectedDisplayTime: 5_000, receiveTime: 4_945 } }),
    { ms: 60, basis: 'capture' },
    'drawing takes longer than the encoder did: at least what passed since it was sent',
  );
  t.same(
    webrtcDelay({ ...options, frame: { expectedDisplayTime: 5_000, receiveTime: 4_900 } }),
    { ms: 105, basis: 'sent' },
    'captured after it was sent: not yet to be believed',
  );
});

t.test('one late picture does not make the figure jump', async (t) => {
  const recent = new RecentDelay();
  const note = (ms: number) => recent.note({ ms, basis: 'sent' })?.ms;
  t.same([30, 32, 31, 400, 29, 30].map(note), [30, 32, 31, 32, 31, 31]);
  t.equal(recent.note({ ms: 800, basis: 'capture' })?.ms, 800, 'another way counts anew');
  t.equal(recent.note(null), null);
  t.equal(recent.note({ ms: 700, basis: 'capture' })?.ms, 700);
});

t.test('frames stand still from the last change on, unless that is excused', async (t) => {
  const watch = new FrameWatch();
  watch.restart(1_000);
  watch.note(10, 2_000);
  watch.note(10, 3_000);
  t.equal(watch.frozenMs(3_500), 1_500);
  watch.note(2, 3_600);
  t.equal(watch.frozenMs(3_700), 100, 'a new session counts from 0');
  watch.excuse('paused', true, 4_000);
  watch.excuse('hidden', true, 5_000);
  watch.excuse('hidden', false, 6_000);
  t.equal(watch.frozenMs(9_000), 0);
  watch.excuse('paused', false, 9_000);
  t.equal(watch.frozenMs(9_500), 500, 'counts from there');
  watch.forgive(12_000);
  t.equal(watch.frozenMs(12_100), 3_100, 'what is forgiven is true all the same');
  t.equal(watch.overdueMs(12_100), 100);
});
