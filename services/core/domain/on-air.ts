import type { BroadcastState } from './broadcast-state.ts';

/** Somebody has pressed the button, and it is not over: pictures flow, or are being looked for. */
export function isOnAir(state: BroadcastState): boolean {
  return state === 'starting' || state === 'live' || state === 'retrying';
}
