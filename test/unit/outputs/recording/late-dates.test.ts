import { copyFile, open, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { readRecordedFile } from '#core/fmp4/recorded-file.ts';
import type { BusStream } from '#core/protocol/media-bus.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { dateLate } from '#outputs/recording/late-dates.ts';
import { Recorder, type RecorderReport } from '#outputs/recording/recorder.ts';
import { datedName } from '#outputs/recording/recording-name.ts';
import { DrivenClock, startMs } from '#test/support/driven-clock.ts';

const logger = createLogger('outputs', 'silent');
const stream = {
  width: 320,
  height: 180,
  framesPerSecond: 10,
  avcConfiguration: Buffer.from('0142c00dffe1000967', 'hex'),
  sound: [],
} as unknown as BusStream;
const bootId = 'this-start';

interface Recorded {
  clock: DrivenClock;
  reports: RecorderReport[];
  recorder: Recorder;
  /** So many pictures, ten a second, a key frame each second. */
  film: (count: number, bytes?: number) => Promise<void>;
}

function record(
  directory: string,
  options: { title?: string; isSet?: boolean; maxFileBytes?: number } = {},
): Recorded {
  const clock = new DrivenClock();
  const reports: RecorderReport[] = [];
  const settings = { directory, title: options.title ?? 'Town hall', segmentMinutes: 30, keepFreeMB: 0 };
  const recorder = new Recorder({
    settings: { ...settings, deleteOldest: false, bootId },
    clock,
    clockIsSet: () => options.isSet ?? false,
    maxFileBytes: options.maxFileBytes,
    logger,
  });
  recorder.events.on('report', (report) => reports.push(report));
  recorder.start();
  recorder.stream(stream);
  let at = 0;
  const film = async (count: number, bytes = 100): Promise<void> => {
    for (let end = at + count; at < end; at += 1) {
      const key = at % 10 === 0;
      recorder.video({ key, pts: at * 9_000, dts: at * 9_000, bytes: Buffer.alloc(bytes) } as never);
      if (key && at > 0) await written(recorder); // it completes the fragment before it
    }
  };
  return { clock, reports, recorder, film };
}

/** Resolves once the disk has what waits for it. */
async function written(recorder: Recorder): Promise<void> {
  await new Promise<void>((resolve) => {
    const end = recorder.events.on('report', () => {
      end();
      resolve();
    });
  });
}

async function createdAt(path: string): Promise<number | null> {
  const file = await open(path, 'r');
  try {
    return (await readRecordedFile(file)).createdAtMs;
  } finally {
    await file.close();
  }
}

const namesIn = async (t: Test, folder: string): Promise<string[]> => {
  const names = (await readdir(folder)).filter((name) => name.includes('.')).sort();
  t.comment(names.join(' '));
  return names;
};

t.test('a file that ended before the clock was set gets the date at which it really began', async (t) => {
  const folder = t.testdir({ other: {} });
  const other = join(folder, 'other');
  const { recorder, clock, film } = record(folder);
  clock.advance(20_000);
  await film(30);
  await recorder.close();
  t.same(await namesIn(t, folder), ['clock-not-set_Town-hall.mp4']);
  const path = join(folder, 'clock-not-set_Town-hall.mp4');
  t.equal(await createdAt(path), null);
  await writeFile(join(folder, 'clock-not-set_Town-hall.jpg'), 'a thumbnail');
  // Beside it one of an earlier start of the machine, and one that was begun in the same second.
  await copyFile(path, join(folder, 'clock-not-set_Town-hall_2.mp4'));
  await rename(join(folder, 'clock-not-set_Town-hall_2.mp4'), join(other, 'clock-not-set_Town-hall_2.mp4'));
  const late = { directories: [folder], except: null, clock, logger };

  clock.advance(60_000);
  await dateLate({ ...late, bootId: 'a-later-start' });
  t.same((await namesIn(t, folder)).length, 2, 'nobody knows when that was');
  await dateLate({ ...late, bootId, except: 'clock-not-set_Town-hall' });
  t.ok((await namesIn(t, folder)).includes('clock-not-set_Town-hall.mp4'), 'it is being written');
  await dateLate({ ...late, bootId });
  const dated = datedName(startMs + 20_000, 'Town hall');
  t.same(await namesIn(t, folder), [`${dated}.jpg`, `${dated}.mp4`], 'and its thumbnail');
  t.equal(await createdAt(join(folder, `${dated}.mp4`)), startMs + 20_000);

  await rename(join(other, 'clock-not-set_Town-hall_2.mp4'), join(folder, 'clock-not-set_Town-hall_2.mp4'));
  await dateLate({ ...late, bootId });
  t.same(
    (await namesIn(t, folder)).filter((name) => name.endsWith('.mp4')),
    [`${dated}.mp4`, `${dated}_2.mp4`],
    'nothing is written over',
  );
});

t.test('files end below what FAT takes, and no picture is lost between two', async (t) => {
  const folder = t.testdir();
  const { recorder, film } = record(folder, { isSet: true, maxFileBytes: 30_000 });
  await film(100, 1_000);
  await recorder.close();
  const names = await namesIn(t, folder);
  t.ok(names.length >= 3, `${names.length} files`);
  let seconds = 0;
  for (const name of names) {
    const file = await open(join(folder, name), 'r');
    const { size } = await file.stat();
    t.ok(size < 30_000 + 12_000, `${size} bytes: at most what lies between two key frames beyond`);
    const facts = await readRecordedFile(file);
    t.equal(facts.closing, 'complete');
    t.ok(facts.fragments[0]?.key, 'begins with a key frame');
    seconds += facts.durationSeconds;
    await file.close();
  }
  t.ok(Math.abs(seconds - 10) < 0.01, `${seconds} s in all`);
});

t.test('a title of signs of four bytes each is no name that is too long', async (t) => {
  const folder = t.testdir();
  const { recorder, film, reports } = record(folder, { isSet: true, title: '𠀋'.repeat(128) });
  await film(20);
  await recorder.close();
  t.equal(reports.at(-1)?.reason ?? null, null);
  t.equal((await namesIn(t, folder)).length, 1);
});
