// Records all that a box writes to its disk on a first day, and pulls the plug of it a thousand times:
//   node --import tsx test/power-cuts/main.ts [--cuts 1000] [--starts 25] [--seed 1]
// Each cut leaves what a disk with a cache may have kept: all before the last flush, and any part of what came after it. It is mounted, what
// was acknowledged has to be there, and of some of them the box is started. Needs root (loop devices) and qemu-storage-daemon.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, promisify } from 'node:util';
import { Appliance } from '../support/appliance.ts';
import { lossesIn } from './check.ts';
import { mountImage, RecordedDisk } from './recorded-disk.ts';
import { type Acknowledged, firstDay, stateFolder } from './story.ts';
import { type Cut, cutAfter, randomFrom, readWriteLog, WriteLogPlayer } from './write-log.ts';

const execute = promisify(execFile);
const keptFolder = 'dist/power-cuts';
/** Images of disks that lost something. */
const mostKept = 5;
const { values } = parseArgs({
  options: {
    cuts: { type: 'string', default: '1000' },
    starts: { type: 'string', default: '25' },
    seed: { type: 'string', default: '1' },
  },
});
const [cuts, starts, seed] = [Number(values.cuts), Number(values.starts), Number(values.seed)];
if (process.getuid?.() !== 0) {
  console.error('power-cuts: only root may mount the disk: sudo make power-cuts');
  process.exit(2);
}

// Interrupted, it leaves no disk mounted: the cut that is being tried is the last.
const interrupted = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());

const work = await mkdtemp(join(tmpdir(), 'onair-cuts-'));
try {
  process.exitCode = (await main()) === 0 ? 0 : 1;
} finally {
  await rm(work, { recursive: true, force: true });
}

/** @returns how many cuts lost something */
async function main(): Promise<number> {
  console.log('recording a first day: start, settings, outputs, pairing, a recorded broadcast, an update');
  const disk = await RecordedDisk.start(work, { megabytes: 384 });
  let acknowledged: Acknowledged[];
  try {
    acknowledged = await firstDay(disk, work);
  } finally {
    await disk.close();
  }
  const entries = await readWriteLog(disk.log);
  const flushes = entries.filter(({ flush }) => flush).length;
  const megabytes = entries.reduce((sum, { length }) => sum + length, 0) / 1024 ** 2;
  console.log(
    `${entries.length} requests, ${flushes} flushes, ${megabytes.toFixed(0)} MB; ${acknowledged.length} things acknowledged; seed ${seed}`,
  );
  const random = randomFrom(seed);
  const chosen = Array.from({ length: cuts }, () => Math.floor(random() * entries.length))
    .sort((a, b) => a - b)
    .map((index) => cutAfter(entries, index, random));
  const log = await open(disk.log, 'r');
  const base = await open(disk.blank, 'r+');
  const player = new WriteLogPlayer(log, entries);
  let bad = 0;
  let started = 0;
  let tried = 0;
  for (const [number, cut] of chosen.entries()) {
    if (interrupted.signal.aborted) break;
    await player.applyUntil(base, cut.certain);
    const isStarted = starts > 0 && (number + 1) % Math.max(1, Math.floor(cuts / starts)) === 0;
    const losses = await tryCut(cut, isStarted);
    tried += 1;
    if (isStarted) started += 1;
    if (losses.length > 0) {
      bad += 1;
      console.log(`cut ${number + 1}, after request ${cut.index}: ${losses.join('; ')}`);
      if (bad <= mostKept) await keep(number + 1);
    }
    if ((number + 1) % 100 === 0) console.log(`${number + 1} cuts, ${bad} with a loss`);
  }
  await log.close();
  await base.close();
  console.log(`${tried} power cuts, ${bad} with a loss; started after ${started} of them; seed ${seed}`);
  return bad;

  /** For a look at it: the disk as the checks have left it. */
  async function keep(number: number): Promise<void> {
    await mkdir(keptFolder, { recursive: true });
    const kept = join(keptFolder, `cut-${number}.img`);
    await execute('cp', ['--sparse=always', join(work, 'cut.img'), kept]);
    console.log(`kept as ${kept}`);
  }

  async function tryCut(cut: Cut, isStarted: boolean): Promise<string[]> {
    const image = join(work, 'cut.img');
    await execute('cp', ['--sparse=always', disk.blank, image]);
    const file = await open(image, 'r+');
    for (const landed of cut.landed) await player.apply(file, landed);
    await file.close();
    const position = entries[cut.index]?.logOffset ?? 0;
    const expected = acknowledged.filter((one) => one.position <= position);
    const mounted = join(work, 'cut');
    let unmount: () => Promise<void>;
    try {
      unmount = await mountImage(image, mounted);
    } catch (error) {
      return [`it can't be mounted: ${(error as Error).message}`];
    }
    const losses = await lossesIn(mounted, expected);
    if (isStarted) losses.push(...(await lossesAtStart(mounted, expected)));
    await unmount();
    await execute('e2fsck', ['-f', '-n', image]).catch((error: { stdout?: string }) =>
      losses.push(`the file system has faults: ${error.stdout?.slice(-200)}`),
    );
    return losses;
  }
}

/** Starts the box on what the cut has left. */
async function lossesAtStart(mounted: string, expected: readonly Acknowledged[]): Promise<string[]> {
  const stateDirectory = join(mounted, stateFolder);
  try {
    const appliance = await Appliance.start({ stateDirectory });
    try {
      const { broadcast } = (await appliance.call('GET', '/api/v1/settings')) as {
        broadcast: { description: string };
      };
      const number = Math.max(0, ...expected.map((one) => (one.kind === 'setting' ? one.number : 0)));
      // An update that was not committed when the power went is taken back, and the box says so.
      const isCommitted = expected.some(({ kind }) => kind === 'update');
      const problems = (await appliance.status()).problems.filter(
        ({ code }) => isCommitted || code !== 'update-not-started',
      );
      return [
        ...(Number(broadcast.description) >= number ? [] : [`started with setting ${broadcast.description}`]),
        ...problems.map(({ message }) => `it says: ${message}`),
      ];
    } finally {
      await appliance.close({ keepState: true });
    }
  } catch (error) {
    return [`it does not start: ${(error as Error).message.slice(0, 2_000)}`];
  }
}
