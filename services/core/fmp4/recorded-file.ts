import type { FileHandle } from 'node:fs/promises';
import { type BegunWithoutClock, begunFrom } from './begun-mark.ts';
import { recoveredMark } from './random-access.ts';

/** A fragment of a recorded file, found by its box headers. */
export interface FoundFragment {
  moofOffset: number;
  /** End of its mdat. */
  end: number;
  /** Of the video track, in 1/90,000 s. */
  startTicks: number;
  durationTicks: number;
  key: boolean;
}

export interface RecordedFacts {
  /** End of ftyp and moov. */
  initEnd: number;
  /** From the movie header; null where the clock was not set. */
  createdAtMs: number | null;
  /** When it was begun where the clock was not set; null where that is not known. */
  begun: BegunWithoutClock | null;
  fragments: FoundFragment[];
  /** End of the last whole fragment. */
  wholeEnd: number;
  /** Closed properly, or recovered after a cut; `open` is what a cut, or a recorder at work, left. */
  closing: 'complete' | 'recovered' | 'open';
  durationSeconds: number;
}

const videoTimescale = 90_000;
const macEpochSeconds = 2_082_844_800;
/** The largest moof of half a second, by far. */
const maxMoofBytes = 1024 * 1024;

/** Whether a file has its index at its end, without reading more of it. */
export async function isClosed(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size < 16) return false;
  return (await bytesAt(file, size - 16, 16)).toString('latin1', 4, 8) === 'mfro';
}

/** Reads a recorded file by the headers of its boxes, as far as it is; called again, only what has been added since. */
export class RecordedFileScan {
  /** End of ftyp and moov; 0 before they are there. */
  initEnd = 0;
  createdAtMs: number | null = null;
  begun: BegunWithoutClock | null = null;
  closing: RecordedFacts['closing'] = 'open';
  readonly #onFragment: (fragment: FoundFragment) => void;
  #offset = 0;
  #recovered = false;
  #moof: { offset: number; bytes: Buffer } | null = null;

  constructor(onFragment: (fragment: FoundFragment) => void) {
    this.#onFragment = onFragment;
  }

  /** Stops before a box that is not whole. */
  async advance(file: FileHandle): Promise<void> {
    const { size } = await file.stat();
    while (this.#offset + 8 <= size) {
      const offset = this.#offset;
      const head = await bytesAt(file, offset, 8);
      const length = head.readUInt32BE(0);
      const type = head.toString('latin1', 4, 8);
      if (length < 8 || offset + length > size) break;
      if (type === 'moov') {
        this.createdAtMs = creationOf(await bytesAt(file, offset, Math.min(length, 64)));
        this.initEnd = offset + length;
      } else if (type === 'moof') {
        if (length > maxMoofBytes) break;
        this.#moof = { offset, bytes: await bytesAt(file, offset, length) };
      } else if (type === 'mdat' && this.#moof) {
        const timing = timingOf(this.#moof.bytes);
        if (timing) this.#onFragment({ moofOffset: this.#moof.offset, end: offset + length, ...timing });
        this.#moof = null;
      } else if (type === 'free' && length === recoveredMark.length) this.#recovered = true;
      else if (type === 'free') this.begun ??= begunFrom(await bytesAt(file, offset, Math.min(length, 128)));
      else if (type === 'mfra') this.closing = this.#recovered ? 'recovered' : 'complete';
      this.#offset = offset + length;
    }
  }
}

/** Reads a recorded file by the headers of its boxes; a torn tail is left out. @throws Error where it is none */
export async function readRecordedFile(file: FileHandle): Promise<RecordedFacts> {
  const fragments: FoundFragment[] = [];
  const scan = new RecordedFileScan((fragment) => fragments.push(fragment));
  await scan.advance(file);
  const { initEnd, createdAtMs, begun, closing } = scan;
  if (initEnd === 0) throw new Error('it has no movie header');
  const last = fragments.at(-1);
  const first = fragments[0];
  return {
    initEnd,
    createdAtMs,
    begun,
    fragments,
    wholeEnd: last?.end ?? initEnd,
    closing,
    durationSeconds:
      first && last ? (last.startTicks + last.durationTicks - first.startTicks) / videoTimescale : 0,
  };
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw new Error('it is cut short');
  return buffer;
}

/** Of `moov`, whose first box is the movie header (version 0). */
function creationOf(moov: Buffer): number | null {
  if (moov.toString('latin1', 12, 16) !== 'mvhd') return null;
  const seconds = moov.readUInt32BE(20);
  return seconds === 0 ? null : (seconds - macEpochSeconds) * 1000;
}

/** Time and length of the video track's run, which stands first in each of our fragments. */
function timingOf(moof: Buffer): { startTicks: number; durationTicks: number; key: boolean } | null {
  const traf = 8 + 16; // behind mfhd
  if (moof.toString('latin1', traf + 4, traf + 8) !== 'traf') return null;
  const tfdt = traf + 8 + 16;
  const trun = tfdt + 20;
  if (moof.toString('latin1', trun + 4, trun + 8) !== 'trun') return null;
  const startTicks = Number(moof.readBigUInt64BE(tfdt + 12));
  const count = moof.readUInt32BE(trun + 12);
  let durationTicks = 0;
  for (let at = 0; at < count; at += 1) durationTicks += moof.readUInt32BE(trun + 20 + 12 * at);
  const key = count > 0 && (moof.readUInt32BE(trun + 28) & 0x0001_0000) === 0;
  return { startTicks, durationTicks, key };
}
