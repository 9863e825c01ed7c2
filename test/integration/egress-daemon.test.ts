import { createSocket } from 'node:dgram';
import t from 'tap';
import { EgressDaemon, RtpFeed } from '../support/egress-daemon.ts';
import { LossyRelay } from '../support/lossy-relay.ts';
import { offerText } from '../support/offer.ts';
import { beginningUnit, PictureStream, rtpPacket, seen } from '../support/rtp-packets.ts';
import { isContinuous, WebRtcViewer } from '../support/webrtc-viewer.ts';

/** The daemon as it runs, over a real link, real RTP in and real WebRTC out. */

const local = { bindAddress: '127.0.0.1' };

t.test('from the link to pictures, and on through the death of control', async (t) => {
  const daemon = await EgressDaemon.start();
  const { control } = daemon;
  const feed = new RtpFeed();
  t.teardown(async () => {
    feed.close();
    await daemon.stop();
  });

  const ready = await daemon.configured();
  t.match(ready, { engine: 'native' });
  t.ok(ready.webrtcPort > 0 && ready.videoPort > 0 && ready.audioPort > 0);
  t.same(await control.next('egress_flow'), { flowing: false });

  const pictures = new PictureStream();
  let keyFrameDue = true;
  control.on('message', ({ type }) => {
    if (type === 'egress_key_frame') keyFrameDue = true;
  });
  feed.start(ready.videoPort, () => {
    const due = keyFrameDue;
    keyFrameDue = false;
    return due ? pictures.keyFrame() : pictures.frame();
  });
  t.same(await control.next('egress_flow', ({ flowing }) => flowing), { flowing: true });

  const viewer = new WebRtcViewer({ ...local, reports: false });
  t.teardown(() => viewer.close());
  const answer = await daemon.join('one', viewer);
  t.match(answer, ` 127.0.0.1 ${ready.webrtcPort} typ host`);
  await viewer.until('video', () => viewer.video.length > 20);
  t.equal(beginningUnit(viewer.video[0] ?? Buffer.alloc(16)), 7, 'it begins with a key frame');
  t.ok(isContinuous(viewer.video));
  await viewer.until('rtcp', () => viewer.rtcp.length > 0);
  t.equal(viewer.rtcp[0]?.[1], 200, 'a sender report');

  const opus = rtpPacket(Buffer.from([1, 2]), { sequence: 1, timestamp: 960, payloadType: 111 });
  feed.send(ready.audioPort, [opus]);
  await viewer.until('audio', () => viewer.audio.length === 1);

  const progress = await control.next('egress_progress', ({ videoPackets }) => videoPackets > 20);
  t.match(progress, { sessions: 1, connected: 1, lossRatio: null });

  await control.die();
  const before = viewer.video.length;
  await viewer.until('video', () => viewer.video.length > before + 20);
  await control.listen();
  await control.next('daemon_hello');
  t.same(await daemon.configured(), ready, 'the same ports as before');
  t.same(await control.next('egress_flow', ({ flowing }) => flowing), { flowing: true });
  const { sessions } = await control.next('egress_sessions');
  t.match(sessions, [{ session_id: 'one', user_id: 'user-one', connected: true, viewer_ice_ufrag: /./ }]);
  t.ok(isContinuous(viewer.video), 'the viewer has noticed nothing');

  feed.stop();
  t.same(await control.next('egress_flow', ({ flowing }) => !flowing), { flowing: false });
  const restarted = new PictureStream({ ssrc: 0x3333_3333, sequence: 12_345 });
  feed.start(ready.videoPort, () =>
    restarted.pictures % 30 === 0 ? restarted.keyFrame() : restarted.frame(),
  );
  t.same(await control.next('egress_flow'), { flowing: true });
  const last = viewer.video.length;
  await viewer.until('video', () => viewer.video.length > last + 20);
  t.ok(isContinuous(viewer.video), 'nor does a new pipeline break its stream');
  const times = viewer.video.map((packet) => seen(packet).timestamp);
  const pause = Math.max(...times.map((time, at) => (time - (times[at - 1] ?? time)) | 0));
  t.ok(pause > 90_000, `a pause of more than a second: ${pause} ticks`);

  control.send({ type: 'watch_ended', payload: { session_id: 'one', reason: 'user_ended' } });
  await control.next('egress_progress', ({ sessions }) => sessions === 0);
  viewer.close();
});

t.test('lost pictures: key frames are asked for at once, and not more than twice a second', async (t) => {
  const daemon = await EgressDaemon.start();
  const { control } = daemon;
  const feed = new RtpFeed();
  t.teardown(async () => {
    feed.close();
    await daemon.stop();
  });
  const ready = await daemon.configured();
  const pictures = new PictureStream();
  feed.start(ready.videoPort, () => (pictures.pictures % 30 === 0 ? pictures.keyFrame() : pictures.frame()));
  await control.next('egress_flow', ({ flowing }) => flowing);
  const viewer = new WebRtcViewer(local);
  t.teardown(() => viewer.close());
  const answer = await daemon.join('one', viewer);
  await viewer.until('video', () => viewer.video.length > 0);
  const ssrc = seen(viewer.video[0] ?? Buffer.alloc(12)).ssrc;
  t.match(answer, `a=ssrc:${ssrc} cname:`);

  const askedAtMs: number[] = [];
  control.on('message', ({ type }) => {
    if (type === 'egress_key_frame') askedAtMs.push(performance.now());
  });
  const sinceMs = performance.now();
  const storm = setInterval(() => viewer.pictureLost(ssrc), 5);
  await control.next('egress_progress');
  await control.next('egress_progress');
  await control.next('egress_progress');
  clearInterval(storm);
  const seconds = (performance.now() - sinceMs) / 1_000;
  t.ok(askedAtMs.length >= 1, 'asked');
  t.ok(askedAtMs.length <= 2 * seconds + 1, `${askedAtMs.length} in ${seconds.toFixed(1)} s`);

  viewer.close();
});

t.test('a packet that the network loses is asked for, and comes again', async (t) => {
  const daemon = await EgressDaemon.start();
  const { control } = daemon;
  const feed = new RtpFeed();
  const ready = await daemon.configured();
  const lost = new Set<number>();
  let ssrc = 0;
  const relay = await LossyRelay.start(ready.webrtcPort, (packet) => {
    const { payloadType, sequence } = seen(packet);
    const isPicture = packet.length > 40 && payloadType === 102 && packet[0] === 0x80;
    if (!isPicture || sequence % 10 !== 0 || lost.has(sequence)) return false;
    lost.add(sequence);
    return true;
  });
  t.teardown(async () => {
    feed.close();
    relay.close();
    await daemon.stop();
  });
  const pictures = new PictureStream();
  feed.start(ready.videoPort, () => (pictures.pictures % 30 === 0 ? pictures.keyFrame() : pictures.frame()));
  await control.next('egress_flow', ({ flowing }) => flowing);
  const viewer = new WebRtcViewer(local);
  t.teardown(() => viewer.close());
  viewer.on('video', (packet) => {
    const before = viewer.video.at(-2);
    if (!before) return;
    ssrc = seen(packet).ssrc;
    const missing = (seen(packet).sequence - 1) & 0xffff;
    if (lost.has(missing) && seen(before).sequence !== missing) viewer.missing(ssrc, missing);
  });
  await daemon.join('one', viewer, (answer) => relay.through(answer, ready.webrtcPort));
  const arrived = (): number[] =>
    [...lost].filter((each) => viewer.video.some((packet) => seen(packet).sequence === each));
  await viewer.until('video', () => arrived().length >= 5);
  t.pass('five of them did');
  viewer.close();
});

t.test("packets of another program are refused once control has said which are media's", async (t) => {
  const daemon = await EgressDaemon.start();
  const { control } = daemon;
  const [feed, foe] = [new RtpFeed(), new RtpFeed()];
  t.teardown(async () => {
    feed.close();
    foe.close();
    await daemon.stop();
  });
  const ready = await daemon.configured();
  const streams = { videoSsrc: 0x5eed_0120, audioSsrc: 0x5eed_0340 };
  control.send({ type: 'egress_input', payload: streams });
  const pictures = new PictureStream({ ssrc: streams.videoSsrc + 7 });
  feed.start(ready.videoPort, () => (pictures.pictures % 30 === 0 ? pictures.keyFrame() : pictures.frame()));
  await control.next('egress_flow', ({ flowing }) => flowing);
  const viewer = new WebRtcViewer(local);
  t.teardown(() => viewer.close());
  await daemon.join('one', viewer);
  await viewer.until('video', () => viewer.video.length > 0);

  // Longer fragments than media's, so that none of them can go unseen.
  const fakes = new PictureStream({ ssrc: 0x2222_2222, fragmentBytes: 400 });
  foe.start(ready.videoPort, () => fakes.keyFrame());
  const { refusedPackets } = await control.next(
    'egress_progress',
    ({ refusedPackets = 0 }) => refusedPackets > 30,
  );
  t.ok((refusedPackets ?? 0) > 30, 'counted');
  const before = viewer.video.length;
  await viewer.until('video', () => viewer.video.length > before + 30);
  t.ok(isContinuous(viewer.video), 'the viewer gets its stream whole');
  t.ok(
    viewer.video.every((packet) => packet.length < 200),
    'and nothing else',
  );
  t.match(daemon.log, 'another program on this machine sends RTP');

  foe.stop();
  feed.stop();
  await control.next('egress_flow', ({ flowing }) => !flowing);
  const restarted = new PictureStream({ ssrc: streams.videoSsrc + 8 });
  feed.start(ready.videoPort, () =>
    restarted.pictures % 30 === 0 ? restarted.keyFrame() : restarted.frame(),
  );
  await control.next('egress_flow', ({ flowing }) => flowing);
  const last = viewer.video.length;
  await viewer.until('video', () => viewer.video.length > last + 20);
  t.ok(isContinuous(viewer.video), 'the next encoder of the same media is taken');
  viewer.close();
});

t.test('bad input: each is answered or passed over, and the stream goes on', async (t) => {
  const daemon = await EgressDaemon.start();
  const { control } = daemon;
  const feed = new RtpFeed();
  t.teardown(async () => {
    feed.close();
    await daemon.stop();
  });
  const ready = await daemon.configured();
  const pictures = new PictureStream();
  feed.start(ready.videoPort, () => (pictures.pictures % 30 === 0 ? pictures.keyFrame() : pictures.frame()));
  const viewer = new WebRtcViewer(local);
  t.teardown(() => viewer.close());
  await daemon.join('good', viewer);

  const refused = async (
    id: string,
    offer: string,
  ): Promise<{ reason: string | null; message: string | null }> => {
    daemon.ask(id, offer);
    return await control.next('egress_watch', (watch) => watch.session_id === id);
  };
  t.match(await refused('vp8', offerText({ video: 'VP8' })), { reason: 'rejected', message: /no H\.264/ });
  t.match(await refused('broken', 'v=0\r\nm=\r\n'), { reason: 'rejected', message: /broken media line/ });
  t.match(await refused('none', offerText({ video: null })), {
    reason: 'rejected',
    message: /no video section/,
  });
  const bomb = `v=0\r\n${'a=x\r\n'.repeat(12_000)}`;
  t.match(await refused('bomb', bomb), { reason: 'rejected', message: /lines/ });

  control.send({ type: 'signal_ice', payload: { session_id: 'nobody', candidate: null } });
  control.send({
    type: 'signal_ice',
    payload: { session_id: 'good', candidate: { candidate: 'candidate:nonsense', sdpMid: '0' } },
  });
  control.send({ type: 'watch_ended', payload: { session_id: 'nobody', reason: 'error' } });
  for (let i = 0; i < 1_000; i += 1) {
    control.send({ type: 'watch_request', payload: { session_id: `x${i}`, user_id: 'x', ice_servers: [] } });
  }
  const full = await control.next('egress_watch', (watch) => watch.session_id === 'x999');
  t.match(full, { state: 'ended', reason: 'full', message: /no more than 250/ });

  const noise = createSocket('udp4');
  for (let i = 0; i < 500; i += 1) {
    const bytes = Buffer.alloc(i * 3, i);
    for (const port of [ready.videoPort, ready.audioPort, ready.webrtcPort])
      noise.send(bytes, port, '127.0.0.1');
  }
  const before = viewer.video.length;
  await viewer.until('video', () => viewer.video.length > before + 30);
  noise.close();
  t.equal(daemon.process.exitCode, null);
  viewer.close();
});
