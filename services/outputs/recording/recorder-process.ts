import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { environmentFrom } from '#core/runtime/environment.ts';
import { timeIsKnown } from '#core/runtime/known-time.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { MediaBusClient } from '#core/runtime/media-bus-client.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { Recorder } from './recorder.ts';
import { recoverRecording } from './recording-file.ts';

/**
 * The process that records: a disk that hangs takes nothing with it but this. Started with what to do as its first message; ends
 * the file and itself at `stop`, at SIGTERM, and when its parent is gone.
 */
const order = z.object({
  mediaSocket: z.string(),
  directory: z.string(),
  title: z.string(),
  segmentMinutes: z.number(),
  keepFreeMB: z.number(),
  deleteOldest: z.boolean(),
  bootId: z.string(),
  maxFileBytes: z.number().optional(),
  /** When this version was made: a clock that shows an earlier time is not set. */
  notBeforeMs: z.number(),
});

process.title = 'onair-recorder';
process.umask(0o027);
const logger = createLogger('outputs', environmentFrom(process.env).logLevel);

async function record(message: unknown): Promise<void> {
  const { mediaSocket, notBeforeMs, maxFileBytes, ...settings } = order.parse(message);
  await recoverAll(settings.directory);
  const recorder = new Recorder({
    settings,
    clock,
    clockIsSet: () => timeIsKnown({ nowMs: clock.nowMs(), notBeforeMs }),
    maxFileBytes,
    logger,
  });
  recorder.events.on('report', (report) => process.send?.(report));
  const bus = new MediaBusClient({
    socketPath: mediaSocket,
    name: 'recording',
    wants: { video: true, sound: ['aac'] },
    keyFrame: true,
  });
  bus.events.on('stream', (stream) => recorder.stream(stream));
  bus.events.on('video', (video) => recorder.video(video));
  bus.events.on('audio', (audio) => recorder.audio(audio));
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    bus.close();
    void recorder.close().finally(() => process.exit(0));
  };
  process.on('message', (next) => next === 'stop' && end());
  process.on('disconnect', end);
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end);
  recorder.start();
  bus.start();
}

/** Files that a power cut left open get their end before another one begins. */
async function recoverAll(directory: string): Promise<void> {
  const names = await readdir(directory).catch(() => []);
  for (const name of names.filter((one) => one.endsWith('.mp4'))) {
    const path = join(directory, name);
    try {
      if (await recoverRecording(path)) logger.info({ path }, 'a recording that was cut off is whole again');
    } catch (error) {
      logger.warn({ err: error, path }, 'a recording cannot be read');
    }
  }
}

process.once('message', (message) => {
  record(message).catch((error) => {
    logger.error({ err: error }, 'the recorder cannot start');
    process.exit(1);
  });
});
