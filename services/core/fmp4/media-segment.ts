import { box, fullBox, u32, u64 } from './boxes.ts';

export interface TimedSample {
  bytes: Uint8Array;
  /** In the track's time scale. */
  duration: number;
  sync: boolean;
}

/** The samples of one track in one fragment, in decoding order. */
export interface TrackRun {
  trackId: number;
  /** Decoding time of the first sample, in the track's time scale. */
  baseTime: number;
  samples: TimedSample[];
}

// Sample flags (ISO/IEC 14496-12, 8.8.3.1): depends on others and is not a sync sample, or neither.
const syncFlags = 0x0200_0000;
const deltaFlags = 0x0101_0000;
// tfhd: default-base-is-moof. trun: data offset, and duration, size and flags of each sample.
const tfhdFlags = 0x02_0000;
const trunFlags = 0x00_0701;

/** One moof + mdat (ISO/IEC 14496-12, 8.8; CMAF chunk) with the runs' data in the order given. */
export function mediaSegment(sequence: number, runs: TrackRun[]): Buffer {
  const header = fullBox('mfhd', 0, 0, u32(sequence));
  // Sizes are known beforehand: each traf is tfhd 16 + tfdt 20 + trun 20 and 12 for each sample.
  const moofBytes = runs.reduce((sum, run) => sum + 8 + 16 + 20 + 20 + 12 * run.samples.length, 8 + 16);
  let dataOffset = moofBytes + 8;
  const fragments = runs.map((run) => {
    const fragment = traf(run, dataOffset);
    for (const { bytes } of run.samples) dataOffset += bytes.length;
    return fragment;
  });
  const data = runs.flatMap((run) => run.samples.map((sample) => sample.bytes));
  return Buffer.concat([box('moof', header, ...fragments), box('mdat', ...data)]);
}

function traf({ trackId, baseTime, samples }: TrackRun, dataOffset: number): Buffer {
  const table = Buffer.allocUnsafe(12 * samples.length);
  samples.forEach(({ duration, bytes, sync }, at) => {
    table.writeUInt32BE(duration, at * 12);
    table.writeUInt32BE(bytes.length, at * 12 + 4);
    table.writeUInt32BE(sync ? syncFlags : deltaFlags, at * 12 + 8);
  });
  return box(
    'traf',
    fullBox('tfhd', 0, tfhdFlags, u32(trackId)),
    fullBox('tfdt', 1, 0, u64(baseTime)),
    fullBox('trun', 0, trunFlags, u32(samples.length, dataOffset), table),
  );
}
