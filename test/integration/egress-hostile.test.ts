import t from 'tap';
import { EgressDaemon, RtpFeed } from '../support/egress-daemon.ts';
import { PictureStream, seen } from '../support/rtp-packets.ts';
import { WebRtcViewer } from '../support/webrtc-viewer.ts';

/** A viewer that passed ICE and DTLS and then says absurd things to the daemon as it ships: it costs only itself. */

/** @param words after the two SSRCs, 32 bits each */
function feedback(type: number, format: number, ssrc: number, words: number[]): Buffer {
  const packet = Buffer.alloc(12 + 4 * words.length);
  packet[0] = 0x80 | format;
  packet[1] = type;
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(1, 4);
  packet.writeUInt32BE(ssrc, 8);
  for (const [at, word] of words.entries()) packet.writeUInt32BE(word >>> 0, 12 + 4 * at);
  return packet;
}

/** draft-alvestrand-rmcat-remb-03: "REMB", one stream, exponent and mantissa of bit/s. */
const estimate = (ssrc: number, exponent: number, mantissa: number): Buffer =>
  feedback(206, 15, 0, [0x52454d42, (1 << 24) | (exponent << 18) | mantissa, ssrc]);

t.test('absurd estimates, floods of requests and made-up reports', async (t) => {
  const daemon = await EgressDaemon.start();
  const { control } = daemon;
  const feed = new RtpFeed();
  const viewers: WebRtcViewer[] = [];
  t.teardown(async () => {
    for (const viewer of viewers) viewer.close();
    feed.close();
    await daemon.stop();
  });
  const ready = await daemon.configured();
  const pictures = new PictureStream();
  feed.start(ready.videoPort, () => (pictures.pictures % 30 === 0 ? pictures.keyFrame() : pictures.frame()));
  await control.next('egress_flow', ({ flowing }) => flowing);
  const join = async (name: string): Promise<WebRtcViewer> => {
    const viewer = new WebRtcViewer({ bindAddress: '127.0.0.1' });
    viewers.push(viewer);
    await daemon.join(name, viewer);
    await viewer.until('video', () => viewer.video.length > 0);
    return viewer;
  };
  const honest = await join('honest');
  const hostile = await join('hostile');
  const { ssrc } = seen(hostile.video[0] ?? Buffer.alloc(12));

  const estimates: number[] = [];
  let keyFrames = 0;
  control.on('message', (message) => {
    if (message.type === 'egress_key_frame') keyFrames += 1;
    if (message.type !== 'egress_load') return;
    const told = message.payload.viewers.find(({ session_id }) => session_id === 'hostile');
    if (typeof told?.estimateKbps === 'number') estimates.push(told.estimateKbps);
  });
  const missing = Array.from({ length: 250 }, (_, at) => ((at * 17) << 16) | 0xffff);
  // 4,000 packets from number 0 on, none of which arrived: chunks that are runs of "not received".
  const unreceived = [4_000, 0x0000_0100, 0x0fa0_0000];
  const told: Buffer[] = [
    estimate(ssrc, 0, 1),
    feedback(205, 1, ssrc, missing),
    feedback(205, 15, ssrc, unreceived),
    feedback(206, 1, ssrc, []),
    estimate(ssrc, 63, 0x3ffff),
  ];
  const sinceMs = performance.now();
  const storm = setInterval(() => {
    for (const each of told) hostile.say(each);
  }, 5);
  t.teardown(() => clearInterval(storm));
  const before = honest.video.length;
  control.received.length = 0;
  for (let ticks = 0; ticks < 4; ticks += 1) await control.next('egress_load', () => true, 20_000);
  await honest.until('video', () => honest.video.length > before + 60);
  clearInterval(storm);
  const seconds = (performance.now() - sinceMs) / 1_000;

  t.pass('the other viewer went on seeing pictures');
  t.ok(estimates.length > 0, 'the estimates were heard');
  t.ok(
    estimates.every((kbps) => kbps >= 50 && kbps <= 50_000),
    `and clamped: ${estimates.join(', ')}`,
  );
  t.ok(
    keyFrames >= 1 && keyFrames <= 6 + seconds / 3 + 1,
    `${keyFrames} key frames in ${seconds.toFixed(1)} s`,
  );
  t.equal(daemon.process.exitCode, null);
});
