/**
 * How a light shows something: steady, or lit and dark by turns for so many milliseconds each, over and over,
 * beginning with lit: `[200, 1800]` is one short flash every 2 s.
 */
export type LightPattern = 'off' | 'on' | readonly number[];

/** A board's lights: red says live, green says ready. A board with one light shows `red`, whatever its colour. */
export interface LightState {
  red: LightPattern;
  green: LightPattern;
}

/** Lights as the panel sees them: real or virtual, nothing above knows which. */
export interface Lights {
  /** How many there are: with one, everything has to be said with that. */
  readonly count: 0 | 1 | 2;
  start(): Promise<void>;
  /**
   * Shows a state until told otherwise. Steady red on a real board holds for `steadyHoldMs` only: who means it says
   * it again, and who died or hangs does not.
   */
  show(state: LightState): void;
  /** Ends with what the lights show when nobody is there to tell them anything. */
  close(): Promise<void> | void;
}

/** One light of a board. */
export interface Light {
  start(): Promise<void>;
  show(pattern: LightPattern): void;
  close(): Promise<void> | void;
}

/** So long does a steady red light hold by itself: the panel says it again twice a second while it is true. */
export const steadyHoldMs = 1_500;

/** Until a pattern begins again; 0 for a steady one. */
export function periodOf(pattern: LightPattern): number {
  return typeof pattern === 'string' ? 0 : pattern.reduce((sum, ms) => sum + ms, 0);
}

export function samePattern(one: LightPattern, other: LightPattern): boolean {
  return one === other || (typeof one !== 'string' && String(one) === String(other));
}

/** Steady light, or steady but for short gaps: what reads as "live". */
export function mostlyLit(pattern: LightPattern): boolean {
  if (typeof pattern === 'string') return pattern === 'on';
  const litMs = pattern.reduce((sum, ms, index) => (index % 2 === 0 ? sum + ms : sum), 0);
  return litMs * 2 > periodOf(pattern);
}
