import type { Stalls } from '../player/stall-watch.ts';

/** So many of a hundred pictures left out are seen; so many packets lost in a session, too. */
const manyDroppedShare = 0.05;
const manyLost = 20;
/** A beginning says nothing. */
const enoughFrames = 300;

/** What is said about pictures that stutter; each is a key of the words. */
export type Tip = 'smooth' | 'stalled' | 'dropped' | 'lost' | 'unexplained';

/**
 * Blames the network only where packets were lost, and this device only where it left pictures out.
 * @param measured.packetsLost of the session; null where that is not known
 */
export function tipsFor(measured: {
  stalls: Stalls;
  packetsLost: number | null;
  frames: number;
  droppedFrames: number;
}): Tip[] {
  const { stalls, packetsLost, frames, droppedFrames } = measured;
  const found: Tip[] = [stalls.count === 0 ? 'smooth' : 'stalled'];
  if (frames > enoughFrames && droppedFrames > frames * manyDroppedShare) found.push('dropped');
  if ((packetsLost ?? 0) >= manyLost) found.push('lost');
  // Neither this device nor the network is at fault; LL-HLS does not show what the network lost, so nobody is blamed.
  if (stalls.count > 0 && found.length === 1 && packetsLost !== null) found.push('unexplained');
  return found;
}
