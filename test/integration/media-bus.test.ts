import { join } from 'node:path';
import t from 'tap';
import type { BusAudio, BusStream, BusVideo } from '#core/protocol/media-bus.ts';
import { MediaBusClient } from '#core/runtime/media-bus-client.ts';
import { MediaDaemon, mediaRequest } from '../support/media-daemon.ts';

/** A subscriber that keeps what it hears. */
class Listener {
  readonly streams: BusStream[] = [];
  readonly pictures: BusVideo[] = [];
  readonly sound: BusAudio[] = [];
  offs = 0;
  readonly #client: MediaBusClient;
  #notify: () => void = () => {};

  constructor(folder: string) {
    const wants = { video: true, sound: ['aac' as const, 'opus' as const] };
    const socketPath = join(folder, 'media.sock');
    this.#client = new MediaBusClient({ socketPath, name: 'test', wants, keyFrame: true });
    this.#client.events.on('stream', (stream) => this.#keep(() => this.streams.push(stream)));
    this.#client.events.on('video', (picture) => this.#keep(() => this.pictures.push(picture)));
    this.#client.events.on('audio', (frame) => this.#keep(() => this.sound.push(frame)));
    this.#client.events.on('off', () =>
      this.#keep(() => {
        this.offs += 1;
      }),
    );
    this.#client.start();
  }

  requestKeyFrame(): void {
    this.#client.requestKeyFrame();
  }

  close(): void {
    this.#client.close();
  }

  async until(satisfied: () => boolean, withinMs = 10_000): Promise<void> {
    const signal = AbortSignal.timeout(withinMs);
    while (!satisfied()) {
      await new Promise<void>((resolve, reject) => {
        this.#notify = resolve;
        signal.addEventListener('abort', () => reject(new Error('not heard in time')), { once: true });
      });
    }
  }

  #keep(add: () => void): void {
    add();
    this.#notify();
  }
}

const isAscending = (times: number[]) => times.every((time, at) => at === 0 || time > (times[at - 1] ?? 0));

t.test('the bus of the daemon: one time line across its encoders', async (t) => {
  const daemon = await MediaDaemon.start();
  t.teardown(() => daemon.stop());
  const listener = new Listener(daemon.folder);
  t.teardown(() => listener.close());
  daemon.control.send({ type: 'media_start', payload: mediaRequest() });
  await listener.until(() => listener.pictures.length >= 40 && listener.sound.length >= 60);

  t.match(listener.streams, [
    {
      width: 640,
      height: 360,
      framesPerSecond: 30,
      sound: [
        { codec: 'aac', sampleRate: 48_000, channels: 2 },
        { codec: 'opus', sampleRate: 48_000, channels: 2 },
      ],
    },
  ]);
  const [first] = listener.pictures;
  t.ok(first?.key, 'a key frame first');
  const ageMs = Number(process.hrtime.bigint()) / 1e6 - (listener.pictures.at(-1)?.pts ?? 0) / 90;
  t.ok(
    ageMs > 0 && ageMs < 5_000,
    `time is CLOCK_MONOTONIC: the newest picture is ${ageMs.toFixed(0)} ms old`,
  );
  const aac = listener.sound.filter(({ codec }) => codec === 'aac');
  t.ok(Math.abs((aac[0]?.pts ?? 0) - (first?.pts ?? 0)) < 9_000, 'sound begins where pictures begin');

  const before = listener.pictures.length;
  listener.requestKeyFrame();
  await listener.until(() => listener.pictures.slice(before, before + 25).some(({ key }) => key));

  const child = Number(/"child":(\d+)[^\n]*pictures flow/.exec(daemon.log)?.[1]);
  const until = listener.pictures.length;
  process.kill(child, 'SIGKILL');
  await listener.until(() => listener.pictures.length >= until + 30);
  t.equal(listener.streams.length, 1, 'another encoder of the same kind changes nothing for a subscriber');
  t.equal(listener.offs, 0);
  t.ok(isAscending(listener.pictures.map(({ dts }) => dts)), 'pictures never go back');
  for (const codec of ['aac', 'opus']) {
    const times = listener.sound.filter((frame) => frame.codec === codec).map(({ pts }) => pts);
    t.ok(times.length > 50 && isAscending(times), `${codec} never goes back`);
  }

  daemon.control.send({ type: 'media_stop', payload: {} });
  await listener.until(() => listener.offs === 1);
});
