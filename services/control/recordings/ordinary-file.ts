import type { FileHandle } from 'node:fs/promises';
import { box, fullBox, u16, u32 } from '#core/fmp4/boxes.ts';
import { macSeconds, videoTrackId } from '#core/fmp4/init-segment.ts';
import { type RecordedFacts, readRecordedFile } from '#core/fmp4/recorded-file.ts';

/** Where a fragment's samples lie in the recorded file. */
interface Payload {
  position: number;
  length: number;
  /** In the ordinary file, from the begin of its samples. */
  offset: number;
}

interface Track {
  id: number;
  timescale: number;
  handler: string;
  mediaHeader: Buffer;
  sampleDescription: Buffer;
  width: number;
  height: number;
  durations: number[];
  sizes: number[];
  keys: number[];
  /** Of each chunk: samples in it, and where it begins among the samples of all. */
  chunks: { count: number; offset: number }[];
  startTicks: number;
  endTicks: number;
}

const movieTimescale = 1_000;
const identityMatrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

/**
 * A recorded file as an ordinary MP4 (ISO/IEC 14496-12): its index in front, made from the fragments' headers, and the same
 * samples behind it. Nothing is copied; what is asked for is read.
 */
export class OrdinaryFile {
  /** ftyp, moov, and the header of mdat. */
  readonly head: Buffer;
  readonly size: number;
  readonly #payloads: readonly Payload[];

  private constructor(head: Buffer, payloads: readonly Payload[]) {
    const last = payloads.at(-1);
    this.head = head;
    this.#payloads = payloads;
    this.size = head.length + (last ? last.offset + last.length : 0);
  }

  /** @throws Error where it is not one of our files */
  static async of(file: FileHandle): Promise<OrdinaryFile> {
    const facts = await readRecordedFile(file);
    const init = Buffer.alloc(facts.initEnd);
    await file.read(init, 0, init.length, 0);
    const tracks = tracksOf(init);
    const payloads: Payload[] = [];
    let offset = 0;
    for (const { moofOffset, end } of facts.fragments) {
      const header = Buffer.alloc(8);
      await file.read(header, 0, 8, moofOffset);
      const moof = Buffer.alloc(header.readUInt32BE(0));
      await file.read(moof, 0, moof.length, moofOffset);
      const position = moofOffset + moof.length + 8;
      addFragment(tracks, moof, offset);
      payloads.push({ position, length: end - position, offset });
      offset += end - position;
    }
    return new OrdinaryFile(headOf(tracks, facts, offset), payloads);
  }

  /** The bytes from `start` to `end`, both included, piece by piece. */
  async *read(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer> {
    if (start < this.head.length) yield this.head.subarray(start, Math.min(end + 1, this.head.length));
    const from = Math.max(0, start - this.head.length);
    const to = end + 1 - this.head.length;
    for (const { position, length, offset } of this.#payloads) {
      if (offset + length <= from) continue;
      if (offset >= to) return;
      const skip = Math.max(0, from - offset);
      const count = Math.min(length, to - offset) - skip;
      const piece = Buffer.allocUnsafe(count);
      const { bytesRead } = await file.read(piece, 0, count, position + skip);
      if (bytesRead < count) throw new Error('the recording has become shorter');
      yield piece;
    }
  }
}

/** A file and how it was when its index was made. */
interface KnownFile {
  path: string;
  bytes: number;
  changedAtMs: number;
}

/** A player that seeks asks for many ranges of one file; the index of a long one takes a while to make. */
const maxKnown = 3;

/** Indexes of the files that were asked for last, by path, size and time of change. */
export class OrdinaryFiles {
  readonly #known = new Map<string, Promise<OrdinaryFile>>();

  /** @throws Error where it is not one of our files */
  of(file: FileHandle, { path, bytes, changedAtMs }: KnownFile): Promise<OrdinaryFile> {
    const key = `${path}\n${bytes}\n${changedAtMs}`;
    const made = this.#known.get(key) ?? OrdinaryFile.of(file);
    this.#known.delete(key);
    this.#known.set(key, made); // the newest last
    made.catch(() => this.#known.delete(key));
    for (const oldest of [...this.#known.keys()].slice(0, -maxKnown)) this.#known.delete(oldest);
    return made;
  }
}

/** The first box of a type among those that lie side by side. */
function find(bytes: Buffer, type: string, from = 0): Buffer | null {
  for (let at = from; at + 8 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (length < 8 || at + length > bytes.length) return null;
    if (bytes.toString('latin1', at + 4, at + 8) === type) return bytes.subarray(at, at + length);
    at += length;
  }
  return null;
}

function inside(bytes: Buffer, ...types: string[]): Buffer {
  let found = bytes;
  for (const [depth, type] of types.entries()) {
    const next = find(found, type, depth === 0 ? 0 : 8);
    if (next === null) throw new Error(`it has no ${types.join('/')}`);
    found = next;
  }
  return found;
}

function tracksOf(init: Buffer): Track[] {
  const moov = inside(init, 'moov');
  const tracks: Track[] = [];
  for (let at = 8; at + 8 <= moov.length; at += moov.readUInt32BE(at)) {
    if (moov.toString('latin1', at + 4, at + 8) !== 'trak') continue;
    const trak = moov.subarray(at, at + moov.readUInt32BE(at));
    const tkhd = inside(trak, 'trak', 'tkhd');
    const media = inside(trak, 'trak', 'mdia');
    const minf = inside(media, 'mdia', 'minf');
    const handler = inside(media, 'mdia', 'hdlr').toString('latin1', 16, 20);
    tracks.push({
      id: tkhd.readUInt32BE(20),
      timescale: inside(media, 'mdia', 'mdhd').readUInt32BE(20),
      handler,
      mediaHeader: inside(minf, 'minf', handler === 'vide' ? 'vmhd' : 'smhd'),
      sampleDescription: inside(minf, 'minf', 'stbl', 'stsd'),
      width: tkhd.readUInt32BE(84),
      height: tkhd.readUInt32BE(88),
      durations: [],
      sizes: [],
      keys: [],
      chunks: [],
      startTicks: 0,
      endTicks: 0,
    });
  }
  return tracks;
}

/** @param offset of the fragment's samples among those of all */
function addFragment(tracks: readonly Track[], moof: Buffer, offset: number): void {
  let chunkOffset = offset;
  for (let at = 8; at + 8 <= moof.length; at += moof.readUInt32BE(at)) {
    if (moof.toString('latin1', at + 4, at + 8) !== 'traf') continue;
    const traf = moof.subarray(at, at + moof.readUInt32BE(at));
    const id = inside(traf, 'traf', 'tfhd').readUInt32BE(12);
    const start = Number(inside(traf, 'traf', 'tfdt').readBigUInt64BE(12));
    const trun = inside(traf, 'traf', 'trun');
    const count = trun.readUInt32BE(12);
    const track = tracks.find((one) => one.id === id);
    let bytes = 0;
    if (track) {
      if (track.sizes.length === 0) track.startTicks = start;
      else if (start > track.endTicks) {
        // A hole in time: the sample before it stays for as long.
        const last = track.durations.length - 1;
        track.durations[last] = (track.durations[last] ?? 0) + start - track.endTicks;
      }
      track.endTicks = Math.max(start, track.endTicks);
    }
    for (let sample = 0; sample < count; sample += 1) {
      const entry = 20 + 12 * sample;
      const size = trun.readUInt32BE(entry + 4);
      bytes += size;
      if (!track) continue;
      const duration = trun.readUInt32BE(entry);
      track.durations.push(duration);
      track.sizes.push(size);
      track.endTicks += duration;
      if ((trun.readUInt32BE(entry + 8) & 0x0001_0000) === 0) track.keys.push(track.sizes.length);
    }
    track?.chunks.push({ count, offset: chunkOffset });
    chunkOffset += bytes;
  }
}

function headOf(tracks: readonly Track[], facts: RecordedFacts, payloadBytes: number): Buffer {
  const ftyp = box('ftyp', Buffer.from('isom'), u32(0x200), Buffer.from('isomiso2avc1mp41'));
  const movie = (samplesAt: number): Buffer => {
    const used = tracks.filter(({ sizes }) => sizes.length > 0);
    const origin = Math.min(...used.map(({ startTicks, timescale }) => startTicks / timescale));
    const duration = Math.max(
      0,
      ...used.map(({ endTicks, timescale }) => (endTicks / timescale - origin) * movieTimescale),
    );
    const created = facts.createdAtMs === null ? 0 : macSeconds(facts.createdAtMs);
    const header = fullBox(
      'mvhd',
      0,
      0,
      u32(created, created, movieTimescale, Math.round(duration), 0x10000),
      u16(0x100, 0),
      u32(0, 0),
      identityMatrix,
      u32(0, 0, 0, 0, 0, 0, Math.max(0, ...used.map(({ id }) => id)) + 1),
    );
    return box('moov', header, ...used.map((track) => trak(track, samplesAt, origin, created)));
  };
  const mdatHeader = u32(payloadBytes + 8, 0x6d646174);
  // Offsets are of a fixed length: the first try says where the samples begin.
  const samplesAt = ftyp.length + movie(0).length + mdatHeader.length;
  return Buffer.concat([ftyp, movie(samplesAt), mdatHeader]);
}

function trak(track: Track, samplesAt: number, origin: number, created: number): Buffer {
  const { id, timescale, handler, width, height, startTicks, endTicks } = track;
  const mediaTicks = endTicks - startTicks;
  const seconds = mediaTicks / timescale;
  const delayMs = Math.round((startTicks / timescale - origin) * movieTimescale);
  const lengthMs = Math.round(seconds * movieTimescale);
  const trackHeader = fullBox(
    'tkhd',
    0,
    3,
    u32(created, created, id, 0, lengthMs + delayMs, 0, 0),
    u16(0, 0, handler === 'soun' ? 0x100 : 0, 0),
    identityMatrix,
    u32(width, height),
  );
  const noMedia = 0xffff_ffff;
  const edits =
    delayMs > 0
      ? [box('edts', fullBox('elst', 0, 0, u32(2, delayMs, noMedia, 0x10000, lengthMs, 0, 0x10000)))]
      : [];
  const media = box(
    'mdia',
    fullBox('mdhd', 0, 0, u32(created, created, timescale, mediaTicks), u16(0x55c4, 0)),
    fullBox('hdlr', 0, 0, u32(0), Buffer.from(handler), u32(0, 0, 0), Buffer.alloc(1)),
    box(
      'minf',
      track.mediaHeader,
      box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
      sampleTable(track, samplesAt),
    ),
  );
  return box('trak', trackHeader, ...edits, media);
}

function sampleTable(track: Track, samplesAt: number): Buffer {
  const { durations, sizes, keys, chunks, sampleDescription } = track;
  return box(
    'stbl',
    sampleDescription,
    fullBox('stts', 0, 0, ...runs(durations)),
    ...(track.id === videoTrackId ? [fullBox('stss', 0, 0, u32(keys.length), table(keys))] : []),
    fullBox('stsc', 0, 0, ...chunkRuns(chunks)),
    fullBox('stsz', 0, 0, u32(0, sizes.length), table(sizes)),
    fullBox('stco', 0, 0, u32(chunks.length), table(chunks.map(({ offset }) => samplesAt + offset))),
  );
}

function table(values: readonly number[]): Buffer {
  const bytes = Buffer.allocUnsafe(4 * values.length);
  for (const [at, value] of values.entries()) bytes.writeUInt32BE(value, 4 * at);
  return bytes;
}

/** Equal values one after the other as pairs of count and value. */
function runs(values: readonly number[]): Buffer[] {
  const pairs: number[] = [];
  for (const value of values) {
    if (pairs.at(-1) === value && pairs.length > 0) pairs[pairs.length - 2] = (pairs.at(-2) ?? 0) + 1;
    else pairs.push(1, value);
  }
  return [u32(pairs.length / 2), table(pairs)];
}

/** First chunk, samples in each, sample description; an entry for each change. */
function chunkRuns(chunks: readonly { count: number }[]): Buffer[] {
  const entries: number[] = [];
  let before = -1;
  for (const [at, { count }] of chunks.entries()) {
    if (count !== before) entries.push(at + 1, count, 1);
    before = count;
  }
  return [u32(entries.length / 3), table(entries)];
}
