import t from 'tap';
import type { Frame, FrameStream, PeerFrames } from '#egress/engine.ts';
import { loadEngine } from '#egress/load-engine.ts';
import { picture, streams, watch } from '../support/engine-watch.ts';
import { rtpPacket, seen } from '../support/rtp-packets.ts';

/** An engine that takes whole frames and gives each viewer packets of its own, over real sockets. */

const video: FrameStream = {
  ssrc: streams.videoSsrc,
  firstSequence: 65_530,
  payloadType: 102,
  repeat: null,
  extensions: { transportSequence: null, sendTime: null },
};

function frame(index: number, packets: number, options: Partial<Frame> = {}): Frame {
  return {
    kind: 'video',
    isKey: false,
    index,
    spreadMs: 0,
    packets: Array.from({ length: packets }, (_, at) =>
      picture(index + at, { bytes: 900, marker: at === packets - 1 }),
    ),
    places: Array.from({ length: packets }, (_, at) => at),
    ...options,
  };
}

/** One viewer, and what the engine sends it. */
async function watching(stream: FrameStream = video, options: { audio?: FrameStream } = {}) {
  const engine = await loadEngine('native', { port: 0, bindAddress: '127.0.0.1' });
  t.teardown(() => engine.close());
  const { viewer, peer, heard } = await watch(engine, { bindAddress: '127.0.0.1' });
  t.teardown(() => viewer.close());
  await heard.connection.promise;
  const frames = peer.frames as PeerFrames;
  let skipped = 0;
  const attach = (fromLastKeyFrame: boolean): void =>
    frames.attach({ video: stream, audio: options.audio ?? null }, fromLastKeyFrame, {
      skipped: () => {
        skipped += 1;
      },
    });
  const send = (...each: Frame[]): void => {
    for (const one of each) engine.frames?.send(one);
  };
  const received = (count: number) => viewer.until('video', () => viewer.video.length >= count);
  const sequences = (): number[] => viewer.video.map((packet) => seen(packet).sequence);
  return { engine, viewer, peer, frames, attach, send, received, sequences, skips: () => skipped };
}

t.test('a viewer begins with the next key frame, under numbers of its own', async (t) => {
  const { viewer, attach, send, received, sequences } = await watching();
  attach(false);
  send(frame(100, 3), frame(103, 4, { isKey: true }), frame(107, 20));
  await received(24);
  t.same(
    sequences(),
    Array.from({ length: 24 }, (_, at) => (65_530 + at) & 0xffff),
    'over the wrap',
  );
  t.ok(
    viewer.video.every(
      (packet) => seen(packet).payloadType === 102 && seen(packet).ssrc === streams.videoSsrc,
    ),
  );
  t.same(viewer.video[0]?.subarray(12), picture(103, { bytes: 900 }).subarray(12));
  t.same(viewer.video.map((packet) => seen(packet).marker).indexOf(true), 3);
});

t.test('or with the last one, and what came after it', async (t) => {
  const { attach, send, received, sequences, viewer } = await watching();
  send(frame(50, 2, { isKey: true }), frame(52, 30, { isKey: true, spreadMs: 16 }), frame(82, 2));
  attach(true);
  await received(32);
  t.equal(seen(viewer.video[0] ?? Buffer.alloc(12)).timestamp, seen(picture(52)).timestamp);
  send(frame(84, 1));
  await received(33);
  t.same(
    sequences(),
    Array.from({ length: 33 }, (_, at) => (65_530 + at) & 0xffff),
  );
});

t.test('without one it asks for one', async (t) => {
  const { attach, send, received, skips } = await watching();
  attach(true);
  send(frame(7, 1, { isKey: true }));
  await received(1);
  t.equal(skips(), 1);
});

t.test('a packet that media sent and that never came stays a gap', async (t) => {
  const { attach, send, received, sequences } = await watching();
  attach(false);
  send(frame(0, 3, { isKey: true, places: [0, 1, 4] }), frame(7, 1));
  await received(4);
  t.same(sequences(), [65_530, 65_531, 65_534, 1]);
});

t.test('packets are sent again as they were, if they are still there', async (t) => {
  const { attach, send, received, frames, sequences } = await watching();
  attach(false);
  send(frame(0, 10, { isKey: true }));
  await received(10);
  frames.resend([65_531, 2, 500]);
  send(frame(10, 1));
  await received(11);
  t.equal(frames.counts().repeats, 2);
  t.equal(sequences().length, 11, 'what is no news to the viewer its SRTP drops');
});

t.test('or as a stream of their own, where the viewer knows it (RFC 4588)', async (t) => {
  const repeat = { ssrc: streams.audioSsrc, payloadType: 111 }; // the viewer lets no other stream through
  const { attach, send, received, frames, viewer } = await watching({ ...video, repeat });
  attach(false);
  send(frame(0, 4, { isKey: true }));
  await received(4);
  frames.resend([65_532]);
  await viewer.until('audio', () => viewer.audio.length === 1);
  const [packet = Buffer.alloc(14)] = viewer.audio;
  t.match(seen(packet), { payloadType: 111, ssrc: streams.audioSsrc, timestamp: seen(picture(2)).timestamp });
  t.equal(packet.readUInt16BE(12), 65_532, 'the number that it had comes first');
  t.same(packet.subarray(14), viewer.video[2]?.subarray(12));
});

t.test('who asks for everything again without end is answered within a budget', async (t) => {
  const { attach, send, received, frames } = await watching();
  attach(false);
  send(frame(0, 40, { isKey: true }));
  await received(40);
  const sinceMs = performance.now();
  const all = Array.from({ length: 40 }, (_, at) => (65_530 + at) & 0xffff);
  for (let times = 0; times < 200; times += 1) frames.resend(all);
  send(frame(40, 1));
  await received(41);
  const seconds = Math.ceil((performance.now() - sinceMs) / 1_000) + 1;
  const { repeats } = frames.counts();
  t.ok(repeats > 0 && repeats <= 100 * seconds, `${repeats} of 8,000 in ${seconds} s`);
});

t.test('a flood of reports is not listened to, and the others are', async (t) => {
  const engine = await loadEngine('native', { port: 0, bindAddress: '127.0.0.1' });
  t.teardown(() => engine.close());
  const [hostile, honest] = [
    await watch(engine, { bindAddress: '127.0.0.1' }),
    await watch(engine, { bindAddress: '127.0.0.1' }),
  ];
  for (const { heard, peer } of [hostile, honest]) {
    await heard.connection.promise;
    peer.send(picture(1));
  }
  for (const { viewer } of [hostile, honest]) await viewer.until('video', () => viewer.video.length > 0);
  const bytes = 1_000;
  const request = Buffer.alloc(bytes);
  Buffer.from([0x81, 205, 0, bytes / 4 - 1]).copy(request); // generic NACK
  const sinceMs = performance.now();
  for (let times = 0; times < 3_000; times += 1) hostile.viewer.say(request);
  // The flood may fill the socket's buffer: what is lost there is said again.
  const again = setInterval(() => honest.viewer.pictureLost(streams.videoSsrc), 10);
  t.teardown(() => clearInterval(again));
  await honest.heard.firstRtcp.promise;
  await hostile.heard.firstRtcp.promise;
  const seconds = Math.ceil((performance.now() - sinceMs) / 1_000) + 1;
  const told = hostile.heard.rtcpPackets.length * bytes;
  t.ok(told <= 64 * 1_024 * seconds, `${told} bytes in ${seconds} s`);
  for (const { viewer } of [hostile, honest]) viewer.close();
});

t.test('transport-wide numbers and send times, and what was sent under them', async (t) => {
  const extensions = { transportSequence: 5, sendTime: 3 };
  const { attach, send, received, frames, viewer } = await watching({ ...video, extensions });
  attach(false);
  send(frame(0, 3, { isKey: true }), frame(3, 2));
  await received(5);
  for (const [at, packet] of viewer.video.entries()) {
    t.equal((packet[0] ?? 0) & 0x10, 0x10, 'has extensions');
    t.equal(packet.readUInt16BE(12), 0xbede);
    t.equal(packet[16], 0x51);
    t.equal(packet.readUInt16BE(17), at);
    t.equal(packet[19], 0x32);
  }
  const sent = new Float64Array(2 * 7);
  frames.sent(0, 7, sent);
  for (let at = 0; at < 5; at += 1) t.ok((sent[2 * at] ?? -1) >= 0 && (sent[2 * at + 1] ?? -1) > 900);
  t.same([...sent.subarray(10)], [-1, -1, -1, -1], 'no more were');
});

t.test('key frames only, and all again', async (t) => {
  const { attach, send, received, frames, sequences } = await watching();
  attach(false);
  send(frame(0, 1, { isKey: true }));
  await received(1);
  frames.keyFramesOnly(true);
  send(frame(1, 1), frame(2, 2, { isKey: true }), frame(4, 1));
  await received(3);
  frames.keyFramesOnly(false);
  send(frame(5, 1), frame(6, 1, { isKey: true }), frame(7, 1));
  await received(5);
  t.same(sequences(), [65_530, 65_531, 65_532, 65_533, 65_534], 'without a gap');
});

t.test('sound goes beside it', async (t) => {
  const audio: FrameStream = { ...video, ssrc: streams.audioSsrc, payloadType: 111, firstSequence: 9 };
  const { attach, send, viewer, frames, received } = await watching(video, { audio });
  attach(false);
  const sound = (at: number): Buffer =>
    rtpPacket(Buffer.from([at, 2, 3]), { ssrc: 1, sequence: at, timestamp: 960 * at, payloadType: 97 });
  for (const at of [40, 41])
    send({ kind: 'audio', isKey: false, index: at, spreadMs: 0, packets: [sound(at)], places: [0] });
  send(frame(0, 2, { isKey: true }));
  await received(2);
  await viewer.until('audio', () => viewer.audio.length === 2);
  t.same(
    viewer.audio.map((packet) => seen(packet).sequence),
    [9, 10],
  );
  t.match(frames.counts(), { videoPackets: 2, audioPackets: 2, skippedFrames: 0, audioOctets: 6 });
});

t.test('many viewers, each with its own numbers, by one call', async (t) => {
  const engine = await loadEngine('native', { port: 0, bindAddress: '127.0.0.1' });
  const all = await Promise.all(
    Array.from({ length: 12 }, () => watch(engine, { bindAddress: '127.0.0.1', audio: false })),
  );
  for (const { heard } of all) await heard.connection.promise;
  for (const [at, { peer }] of all.entries())
    peer.frames?.attach({ video: { ...video, firstSequence: 1_000 * at }, audio: null }, false, {
      skipped() {},
    });
  engine.frames?.send(frame(0, 40, { isKey: true, spreadMs: 16 }));
  for (let index = 40; index < 340; index += 10) engine.frames?.send(frame(index, 10));
  for (const [at, { viewer }] of all.entries()) {
    await viewer.until('video', () => viewer.video.length === 340);
    t.same(
      viewer.video.map((packet) => seen(packet).sequence),
      Array.from({ length: 340 }, (_, number) => 1_000 * at + number),
    );
    viewer.close();
  }
  t.ok((engine.load?.()?.busyRatio ?? 0) > 0);
  await engine.close();
});
