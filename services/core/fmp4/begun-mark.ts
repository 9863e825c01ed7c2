import { box } from './boxes.ts';

/** When a file was begun, by a clock that a board without one has all the same: since its start. */
export interface BegunWithoutClock {
  /** The start of the machine that this was measured from; after another one it says nothing. */
  bootId: string;
  monotonicMs: number;
}

/** Stands behind the header of a file that was begun while the clock was not set; players skip it. */
export function begunMark({ bootId, monotonicMs }: BegunWithoutClock): Buffer {
  return box('free', Buffer.from(`begun ${bootId} ${Math.round(monotonicMs)}`, 'latin1'));
}

/** @param bytes a whole box @returns null where it says something else */
export function begunFrom(bytes: Buffer): BegunWithoutClock | null {
  const found = /^begun (\S{1,64}) (\d{1,15})$/.exec(bytes.toString('latin1', 8));
  return found ? { bootId: found[1] ?? '', monotonicMs: Number(found[2]) } : null;
}
