import type { RoomPlayback } from '../../services/core/domain/room.ts';

/** What a player does about its drift (streamsync.md, "Clocking for sync"). */
export type Correction =
  | { action: 'seek'; positionSec: number; playbackRate: 1 }
  | { action: 'rate'; playbackRate: number }
  | { action: 'none'; playbackRate: 1 };

/** Beyond this a player seeks. */
const seekBeyondSec = 0.25;
/** Within this it is in step: correcting more would only be heard. */
const inStepSec = 0.02;
/** Furthest from 1 that a rate may go. */
const maxRateOffset = 0.02;
/** A drift is to be gone within this time, as far as the rate's bounds allow. */
const convergeWithinSec = 5;

/** Where the host is now. @param nowMs in the clock of `hostTsMs` (the server's, where both are corrected to it) */
export function targetPositionSec(state: RoomPlayback, nowMs: number): number {
  return state.playing ? state.positionSec + (nowMs - state.hostTsMs) / 1000 : state.positionSec;
}

/** Beyond 250 ms seek to the target, else play at 0.98 to 1.02 until in step. */
export function correctDrift(state: RoomPlayback, positionSec: number, nowMs: number): Correction {
  const target = targetPositionSec(state, nowMs);
  const driftSec = positionSec - target;
  if (Math.abs(driftSec) > seekBeyondSec)
    return { action: 'seek', positionSec: Math.max(0, target), playbackRate: 1 };
  if (!state.playing || Math.abs(driftSec) <= inStepSec) return { action: 'none', playbackRate: 1 };
  const offset = Math.min(maxRateOffset, Math.abs(driftSec) / convergeWithinSec);
  return { action: 'rate', playbackRate: driftSec > 0 ? 1 - offset : 1 + offset };
}
