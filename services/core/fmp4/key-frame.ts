import type { FileHandle } from 'node:fs/promises';
import { RecordedFileScan } from './recorded-file.ts';

/** Where a key frame lies in a recorded file, and how it is decoded. */
export interface KeyFramePlace {
  offset: number;
  length: number;
  width: number;
  height: number;
  /** AVCDecoderConfigurationRecord. */
  configuration: Buffer;
}

const videoTimescale = 90_000;
/** Behind the type of `avc1` (ISO/IEC 14496-12, 12.1.3; 14496-15, 5.4.2): reserved, index, and what is predefined. */
const sizeInEntry = 4 + 8 + 16;

/** The key frames of one recorded file, which may grow. */
export class KeyFrames {
  readonly #keys: { startTicks: number; moofOffset: number }[] = [];
  readonly #scan = new RecordedFileScan(({ key, startTicks, moofOffset }) => {
    if (key) this.#keys.push({ startTicks, moofOffset });
  });

  /**
   * The last key frame at or before a moment; the first one where there is none before.
   * @param atSeconds since the begin of the file
   * @returns null where there is none at all
   * @throws Error where it is not one of our files
   */
  async find(file: FileHandle, atSeconds: number): Promise<KeyFramePlace | null> {
    await this.#scan.advance(file);
    const first = this.#keys[0];
    if (!first) return null;
    const wantedTicks = first.startTicks + atSeconds * videoTimescale;
    const { moofOffset } = this.#keys.findLast(({ startTicks }) => startTicks <= wantedTicks) ?? first;
    const encoding = encodingOf(await bytesAt(file, 0, this.#scan.initEnd));
    const moofBytes = (await bytesAt(file, moofOffset, 8)).readUInt32BE(0);
    const moof = await bytesAt(file, moofOffset, moofBytes);
    return { ...firstSampleOf(moof, moofOffset), ...encoding };
  }
}

function encodingOf(init: Buffer): Pick<KeyFramePlace, 'width' | 'height' | 'configuration'> {
  const entry = init.indexOf('avc1', init.indexOf('stsd'), 'latin1');
  const record = init.indexOf('avcC', entry, 'latin1');
  if (entry < 0 || record < 4) throw new Error('it has no H.264 track');
  const length = init.readUInt32BE(record - 4) - 8;
  return {
    width: init.readUInt16BE(entry + sizeInEntry),
    height: init.readUInt16BE(entry + sizeInEntry + 2),
    configuration: init.subarray(record + 4, record + 4 + length),
  };
}

/** Of the video track's run, which stands first in each of our fragments. */
function firstSampleOf(moof: Buffer, moofOffset: number): { offset: number; length: number } {
  const trun = moof.indexOf('trun', 0, 'latin1');
  if (trun < 0) throw new Error('a fragment has no run of samples');
  // Behind the type: version and flags, sample count, data offset, then duration and size of the first.
  return {
    offset: moofOffset + moof.readInt32BE(trun + 12),
    length: moof.readUInt32BE(trun + 20),
  };
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  if (bytesRead < length) throw new Error('it is cut short');
  return buffer;
}
