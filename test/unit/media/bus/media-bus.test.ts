import { stat } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { EventHub } from '#core/domain/event-hub.ts';
import { type BusMessage, type BusStream, encodeBusRequest } from '#core/protocol/media-bus.ts';
import { BusReader } from '#core/protocol/media-bus-reader.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { MediaBusClient } from '#core/runtime/media-bus-client.ts';
import { MediaBus } from '#media/bus/media-bus.ts';
import { heard } from '#test/support/heard.ts';
import { shortFolder } from '#test/support/short-folder.ts';

const stream: BusStream = {
  width: 640,
  height: 360,
  framesPerSecond: 30,
  bitrateKbps: 1_000,
  avcConfiguration: new Uint8Array([1, 0x42, 0xc0, 0x1f]),
  sound: [{ codec: 'aac', sampleRate: 48_000, channels: 2, configuration: new Uint8Array([0x11, 0x90]) }],
};

async function startBus(t: Test) {
  const socketPath = join(await shortFolder(t), 'media.sock');
  const wishes = new EventHub<{ keyFrame: undefined }>();
  const onKeyFrameWanted = () => wishes.emit('keyFrame');
  const bus = new MediaBus({ socketPath, onKeyFrameWanted, logger: createLogger('media', 'silent') });
  await bus.start();
  t.teardown(() => bus.close());
  return { bus, socketPath, wishes };
}

/** A subscriber that keeps all it gets. */
class Watcher {
  readonly heard: BusMessage[] = [];
  readonly socket: Socket;
  #notify: () => void = () => {};

  constructor(socketPath: string, { keyFrame = false, video = true } = {}) {
    const reader = BusReader.ofMessages();
    this.socket = connect(socketPath);
    this.socket.on('data', (chunk) => {
      this.heard.push(...reader.push(chunk));
      this.#notify();
    });
    this.socket.write(
      encodeBusRequest({ kind: 'subscribe', name: 'test', wants: { video, sound: ['aac'] }, keyFrame }),
    );
  }

  get kinds(): string {
    return this.heard
      .map((message) => (message.kind === 'video' && message.video.key ? 'KEY' : message.kind))
      .join(' ');
  }

  async until(fits: (heard: BusMessage[]) => boolean): Promise<void> {
    while (!fits(this.heard)) {
      await new Promise<void>((resolve) => {
        this.#notify = resolve;
      });
    }
  }
}

const picture = (number: number, size = 10) => ({
  key: number % 30 === 0,
  slate: false,
  pts: number * 3_000,
  dts: number * 3_000,
  bytes: new Uint8Array(size),
});
const sound = (pts: number) => ({
  codec: 'aac' as const,
  slate: false,
  pts,
  duration: 1_920,
  bytes: new Uint8Array(5),
});

t.test('a subscriber hears what is encoded, from a key frame on', async (t) => {
  const { bus, socketPath, wishes } = await startBus(t);
  t.equal((await stat(socketPath)).mode & 0o777, 0o660, 'nobody else may connect');
  const early = new Watcher(socketPath);
  t.teardown(() => early.socket.destroy());
  await early.until((heard) => heard.length === 1);
  t.equal(early.kinds, 'off', 'nothing is encoded yet');
  bus.describe(stream);
  bus.video(picture(29));
  bus.audio(sound(88_000));
  bus.video(picture(30));
  bus.audio(sound(88_000));
  bus.audio(sound(90_500));
  bus.describe(stream);
  bus.video(picture(31));
  await early.until((heard) => heard.length === 5);
  t.equal(early.kinds, 'off stream KEY audio video', 'the same stream again changes nothing');

  const asked = heard(wishes, 'keyFrame');
  const late = new Watcher(socketPath, { keyFrame: true });
  t.teardown(() => late.socket.destroy());
  await Promise.all([asked, late.until((heard) => heard.length === 1)]);
  const askedAgain = heard(wishes, 'keyFrame');
  late.socket.write(encodeBusRequest({ kind: 'key-frame' }));
  await askedAgain;
  bus.describe({ ...stream, width: 320 });
  bus.video(picture(59));
  bus.video(picture(60));
  bus.off();
  await late.until((heard) => heard.length === 4);
  t.equal(late.kinds, 'stream stream KEY off');
});

t.test('who is slow loses up to a key frame, is told, and stalls nobody', async (t) => {
  const { bus, socketPath } = await startBus(t);
  bus.describe(stream);
  const slow = new Watcher(socketPath);
  const quick = new Watcher(socketPath);
  t.teardown(() => slow.socket.destroy());
  t.teardown(() => quick.socket.destroy());
  await Promise.all([slow, quick].map((each) => each.until((heard) => heard.length === 1)));
  slow.socket.pause();
  const sent = 400;
  for (let number = 0; number < sent; number += 1) {
    bus.video(picture(number, 60_000));
    await quick.until((heard) => heard.length === number + 2);
  }
  t.equal(quick.heard.length, sent + 1, 'the quick one has everything');
  slow.socket.resume();
  for (let number = sent; number < sent + 60; number += 1) {
    bus.video(picture(number, 60_000));
    await quick.until((heard) => heard.length === number + 2);
  }
  await slow.until((heard) => heard.some(({ kind }) => kind === 'lost'));
  await slow.until((heard) => {
    const last = heard.at(-1);
    return last?.kind === 'video' && last.video.dts === picture(sent + 59).dts;
  });
  const lost = slow.heard.filter((each) => each.kind === 'lost');
  const received = slow.heard.filter(({ kind }) => kind === 'video').length;
  const told = lost.reduce((sum, { pictures }) => sum + pictures, 0);
  t.equal(received + told, sent + 60, 'what it did not get is what it was told of');
  t.ok(told > 200, `${told} pictures were not kept for it`);
  for (const [at, message] of slow.heard.entries()) {
    const next = slow.heard[at + 1];
    if (message.kind === 'lost') t.ok(next?.kind === 'video' && next.video.key, 'a key frame follows');
  }
});

t.test('who sends what is no request is cut off; the bus goes on', async (t) => {
  const { bus, socketPath } = await startBus(t);
  bus.describe(stream);
  const good = new Watcher(socketPath, { video: false });
  t.teardown(() => good.socket.destroy());
  await good.until((heard) => heard.length === 1);
  for (const bytes of [Buffer.alloc(100, 0xff), Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.alloc(5)]) {
    const bad = connect(socketPath);
    bad.write(bytes);
    await new Promise((resolve) => bad.on('close', resolve).resume());
  }
  bus.audio(sound(1));
  await good.until((heard) => heard.length === 2);
  t.equal(good.kinds, 'stream audio', 'sound alone needs no picture to start on');
});

t.test('a client connects again, and says when nothing is encoded', async (t) => {
  const { bus, socketPath } = await startBus(t);
  const client = new MediaBusClient({ socketPath, name: 'test', wants: { video: true, sound: ['aac'] } });
  t.teardown(() => client.close());
  const next = (event: 'stream' | 'off' | 'video') => heard(client.events, event);
  client.start();
  const described = next('stream');
  bus.describe(stream);
  t.match(await described, { width: 640, framesPerSecond: 30 });
  const off = next('off');
  bus.close();
  await off;
  const again = new MediaBus({
    socketPath,
    onKeyFrameWanted: () => {},
    logger: createLogger('media', 'silent'),
  });
  t.teardown(() => again.close());
  await again.start();
  const back = next('stream');
  again.describe({ ...stream, width: 320 });
  t.match(await back, { width: 320 });
  const seen = next('video');
  again.video(picture(1));
  again.video(picture(30));
  t.match(await seen, { key: true, pts: 90_000 });
});
