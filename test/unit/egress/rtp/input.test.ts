import { createSocket } from 'node:dgram';
import t from 'tap';
import { loadWebRtcAddon } from '#egress/native-addon.ts';
import { openRtpInput } from '#egress/rtp/input.ts';
import { type MediaKind, readSsrc } from '#egress/rtp/packet.ts';
import { rtpPacket } from '../../../support/rtp-packets.ts';

const streams = { videoSsrc: 0x5eed_0120, audioSsrc: 0x5eed_0340 };
const video = (ssrc: number, sequence: number) =>
  rtpPacket(Buffer.alloc(800, 0x65), { ssrc, sequence, timestamp: 0, marker: true });

t.test('what another program sends never takes the room that media needs', async (t) => {
  const taken: { kind: MediaKind; ssrc: number }[] = [];
  let notify = (): void => {};
  const input = await openRtpInput((kind, packet) => {
    taken.push({ kind, ssrc: readSsrc(packet) });
    notify();
  }, loadWebRtcAddon());
  const socket = createSocket('udp4');
  t.teardown(() => {
    socket.close();
    input.close();
  });
  const send = (packet: Buffer, port = input.videoPort) =>
    new Promise<void>((resolve) => socket.send(packet, port, '127.0.0.1', () => resolve()));
  const until = async (there: () => boolean): Promise<void> => {
    while (!there())
      await new Promise<void>((resolve) => {
        notify = resolve;
      });
  };

  await send(video(0x2222_2222, 1));
  await until(() => taken.length === 1);
  t.equal(taken[0]?.ssrc, 0x2222_2222, 'before media is known all are taken');

  input.expect(streams);
  const foreign = [0x2222_2222, streams.videoSsrc ^ 0x10, streams.audioSsrc, 0, 0xffff_ffff];
  for (let sequence = 0; sequence < 100; sequence += 1) {
    await Promise.all(foreign.map((ssrc) => send(video(ssrc >>> 0, sequence))));
    await send(video(streams.videoSsrc + (sequence % 16), sequence));
  }
  await send(Buffer.from([0x80, 96])); // too short to have an SSRC
  await send(
    rtpPacket(Buffer.from([1]), { ssrc: streams.audioSsrc + 3, sequence: 1, timestamp: 0, payloadType: 111 }),
    input.audioPort,
  );
  await until(() => taken.length === 102);
  const seen = new Set(taken.slice(1).map(({ kind, ssrc }) => `${kind} ${(ssrc & ~15).toString(16)}`));
  t.same([...seen], ['video 5eed0120', 'audio 5eed0340'], 'media’s alone, and all of them');
  t.equal(input.dropped, 501, 'the system has counted the others');

  const next = { videoSsrc: 0xfeed_0010, audioSsrc: 0xfeed_0020 };
  input.expect(next);
  await send(video(streams.videoSsrc, 200));
  await send(video(next.videoSsrc, 200));
  await until(() => taken.length === 103);
  t.equal(taken.at(-1)?.ssrc, next.videoSsrc, 'another media replaces the one before');
});

t.test('without the addon packets are read one by one', async (t) => {
  const heard: MediaKind[] = [];
  const socket = createSocket('udp4');
  let notify = (): void => {};
  const input = await openRtpInput((kind) => {
    heard.push(kind);
    notify();
  }, null);
  t.teardown(() => {
    socket.close();
    input.close();
  });
  input.expect(streams);
  const came = new Promise<void>((resolve) => {
    notify = resolve;
  });
  socket.send(video(0x2222_2222, 1), input.videoPort, '127.0.0.1');
  await came;
  t.same(heard, ['video'], 'whose they are is seen to where they are taken');
  t.equal(input.dropped, 0);
  input.close();
  input.close();
});
