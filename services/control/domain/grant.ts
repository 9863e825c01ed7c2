/** By what right somebody watches or operates; it is checked again whenever such rights change. */
export interface Grant {
  /** The operator who it comes from; null for others. */
  operatorId: string | null;
  /** Stands for the PIN that was shown; null where none was. */
  pinMark: string | null;
}

/** The right of somebody who has shown nothing: enough while watching is open. */
export const noGrant: Grant = { operatorId: null, pinMark: null };

/**
 * Keeps a connection for as long as its right lasts.
 * @param end called once the right has ended
 * @returns what to call when the connection has ended by itself
 */
export type HoldGrant = (grant: Grant, end: () => void) => () => void;
