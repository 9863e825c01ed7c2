import { box, fullBox, u8, u32, u64 } from './boxes.ts';

/** Where a key frame's fragment begins. */
export interface RandomAccessPoint {
  /** In the track's time scale. */
  time: number;
  moofOffset: number;
}

/** Says that a file was cut off by a power failure, and repaired at the next start. */
export const recoveredMark = box('free', Buffer.from('recovered', 'latin1'));

/**
 * What closes a fragmented file (ISO/IEC 14496-12, 8.8.9 to 8.8.11): mfra with the key frames of one track, whose last box
 * says how long it is, so that it is found from the end.
 */
export function randomAccessBox(trackId: number, points: readonly RandomAccessPoint[]): Buffer {
  const entries = points.map(({ time, moofOffset }) =>
    Buffer.concat([u64(time), u64(moofOffset), u8(1, 1, 1)]),
  );
  // Version 1: 64 bits; traf, trun and sample numbers of one byte each.
  const table = fullBox('tfra', 1, 0, u32(trackId, 0, points.length), ...entries);
  const length = 8 + table.length + 16;
  return box('mfra', table, fullBox('mfro', 0, 0, u32(length)));
}
