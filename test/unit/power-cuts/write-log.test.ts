import { open, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { shortFolder } from '#test/support/short-folder.ts';
import {
  cutAfter,
  randomFrom,
  readWriteLog,
  type WriteLogEntry,
  WriteLogPlayer,
} from '../../power-cuts/write-log.ts';

const sector = 512;
const flush = 1;
const forced = 2;

/** A log as QEMU writes it. */
function logOf(entries: { sector?: number; data?: Buffer; flags?: number }[]): Buffer {
  const head = Buffer.alloc(sector);
  head.writeBigUInt64LE(0x6a736677736872n, 0);
  head.writeBigUInt64LE(1n, 8);
  head.writeBigUInt64LE(BigInt(entries.length), 16);
  head.writeUInt32LE(sector, 24);
  const records = entries.map(({ sector: at = 0, data = Buffer.alloc(0), flags = 0 }) => {
    const record = Buffer.alloc(sector);
    record.writeBigUInt64LE(BigInt(at), 0);
    record.writeBigUInt64LE(BigInt(data.length / sector), 8);
    record.writeBigUInt64LE(BigInt(flags), 16);
    return Buffer.concat([record, data]);
  });
  return Buffer.concat([head, ...records]);
}

const filled = (text: string, sectors = 1) => Buffer.alloc(sector * sectors, text);
const story = logOf([
  { sector: 0, data: filled('a') },
  { flags: flush },
  { sector: 1, data: filled('b', 4) },
  { sector: 5, data: filled('c'), flags: forced },
  { sector: 6, data: filled('d') },
]);

t.test('reads requests in their order', async (t) => {
  const path = join(await shortFolder(t), 'log');
  await writeFile(path, story);
  const entries = await readWriteLog(path);
  t.same(
    entries.map(({ offset, length, flush, forced }) => [offset / sector, length / sector, flush, forced]),
    [
      [0, 1, false, false],
      [0, 0, true, false],
      [1, 4, false, false],
      [5, 1, false, true],
      [6, 1, false, false],
    ],
  );
  await writeFile(path, story.subarray(0, story.length - 1));
  t.equal((await readWriteLog(path)).length, 4, 'the last one is not whole');
  await writeFile(path, 'no log');
  await t.rejects(readWriteLog(path), /no log of writes/);
});

t.test('a cut keeps what was flushed and forced, and any part of the rest', async (t) => {
  const path = join(await shortFolder(t), 'log');
  await writeFile(path, story);
  const entries = await readWriteLog(path);
  const [b, c, d] = entries.slice(2) as [WriteLogEntry, WriteLogEntry, WriteLogEntry];
  const seen = new Set<string>();
  for (let seed = 1; seed <= 200; seed += 1) {
    const cut = cutAfter(entries, 4, randomFrom(seed));
    t.equal(cut.certain, 1, 'up to the flush');
    const bytesOf = (one: WriteLogEntry) => cut.landed.find(({ entry }) => entry === one)?.bytes ?? 0;
    if (bytesOf(c) !== c.length) t.fail('a forced request is missing');
    seen.add(`${bytesOf(b) / sector} ${bytesOf(d) / sector}`);
  }
  t.ok(seen.has('0 1') && seen.has('4 0'), 'later ones without earlier ones');
  t.ok(
    ['1', '2', '3'].some((torn) => seen.has(`${torn} 0`)),
    'torn ones',
  );
  t.same(cutAfter(entries, 4, randomFrom(7)), cutAfter(entries, 4, randomFrom(7)), 'by the seed alone');
});

t.test('plays a log onto a disk', async (t) => {
  const folder = await shortFolder(t);
  await writeFile(join(folder, 'log'), story);
  await writeFile(join(folder, 'disk'), Buffer.alloc(8 * sector));
  const log = await open(join(folder, 'log'), 'r');
  const disk = await open(join(folder, 'disk'), 'r+');
  const entries = await readWriteLog(join(folder, 'log'));
  const player = new WriteLogPlayer(log, entries);
  await player.applyUntil(disk, 2);
  await player.apply(disk, { entry: entries[2] as WriteLogEntry, bytes: 2 * sector });
  await Promise.all([log.close(), disk.close()]);
  const found = await readFile(join(folder, 'disk'));
  t.equal(found.toString('latin1').replace(/(.)\1*/gs, '$1'), 'ab\0');
  t.equal(found.indexOf(0), 3 * sector, 'one, and two of four');
});
