import { type FileHandle, open } from 'node:fs/promises';

/** One request to a disk, in the order in which they were answered. Format: the kernel's dm-log-writes, as QEMU's blklogwrites writes it. */
export interface WriteLogEntry {
  /** Where its record begins in the log file. */
  logOffset: number;
  /** Where it goes on the disk. */
  offset: number;
  length: number;
  /** Where its bytes are in the log file. */
  dataOffset: number;
  /** All that was answered before is on the disk. */
  flush: boolean;
  /** It is on the disk itself once it is answered. */
  forced: boolean;
  discard: boolean;
}

const magic = 0x6a736677736872n;
const flags = { flush: 1n, forced: 2n, discard: 4n };
const headerBytes = 32;
const diskSectorBytes = 512;

/** @throws Error where it is no such log */
export async function readWriteLog(path: string): Promise<WriteLogEntry[]> {
  const file = await open(path, 'r');
  try {
    const head = await bytesAt(file, 0, headerBytes);
    if (head.length < headerBytes || head.readBigUInt64LE(0) !== magic)
      throw new Error(`${path} is no log of writes`);
    const sectorBytes = head.readUInt32LE(24);
    const { size } = await file.stat();
    const entries: WriteLogEntry[] = [];
    for (let logOffset = sectorBytes; logOffset + headerBytes <= size; ) {
      const record = await bytesAt(file, logOffset, headerBytes);
      const said = record.readBigUInt64LE(16);
      const length = Number(record.readBigUInt64LE(8)) * sectorBytes;
      const dataOffset = logOffset + sectorBytes;
      const discard = (said & flags.discard) !== 0n;
      const end = dataOffset + (discard ? 0 : length);
      if (end > size) break;
      entries.push({
        ...{ logOffset, length, dataOffset, discard },
        offset: Number(record.readBigUInt64LE(0)) * sectorBytes,
        flush: (said & flags.flush) !== 0n,
        forced: (said & flags.forced) !== 0n,
      });
      logOffset = end;
    }
    return entries;
  } finally {
    await file.close();
  }
}

/** Numbers in [0, 1) that follow from the seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What a cut leaves of one request: its first bytes, or all. */
export interface Landed {
  entry: WriteLogEntry;
  bytes: number;
}

export interface Cut {
  /** The plug is pulled after the entry with this number was answered. */
  index: number;
  /** The entries before this one are on the disk for certain. */
  certain: number;
  /** What else has reached the disk, in the order in which it was asked for. */
  landed: Landed[];
}

/**
 * A power cut as a disk with a cache may have it: all before the last flush is there, and of what came after it any part, in sectors;
 * requests that were forced are there, too.
 */
export function cutAfter(entries: readonly WriteLogEntry[], index: number, random: () => number): Cut {
  let certain = index;
  while (certain > 0 && !entries[certain]?.flush) certain -= 1;
  const landed: Landed[] = [];
  for (const entry of entries.slice(certain, index + 1)) {
    if (entry.length === 0) continue;
    const chance = random();
    const torn = Math.floor(random() * (entry.length / diskSectorBytes)) * diskSectorBytes;
    if (entry.forced || chance < 0.5) landed.push({ entry, bytes: entry.length });
    else if (chance < 0.65 && !entry.discard && torn > 0) landed.push({ entry, bytes: torn });
  }
  return { index, certain, landed };
}

/** Does to a disk what the log says. */
export class WriteLogPlayer {
  readonly #log: FileHandle;
  readonly #entries: readonly WriteLogEntry[];
  #applied = 0;

  constructor(log: FileHandle, entries: readonly WriteLogEntry[]) {
    this.#log = log;
    this.#entries = entries;
  }

  /** Goes on until the entries before `end` are on the disk. */
  async applyUntil(disk: FileHandle, end: number): Promise<void> {
    for (; this.#applied < end; this.#applied += 1) {
      const entry = this.#entries[this.#applied] as WriteLogEntry;
      await this.apply(disk, { entry, bytes: entry.length });
    }
  }

  async apply(disk: FileHandle, { entry, bytes }: Landed): Promise<void> {
    // What was discarded may read as anything; zeroes are as good as any.
    const data = entry.discard ? Buffer.alloc(bytes) : await bytesAt(this.#log, entry.dataOffset, bytes);
    await disk.write(data, 0, data.length, entry.offset);
  }
}

async function bytesAt(file: FileHandle, offset: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
  return buffer.subarray(0, bytesRead);
}
