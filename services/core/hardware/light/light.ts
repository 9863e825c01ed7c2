/** How a light shows something: steady, or so many short flashes in each period (told apart without colour). */
export type LightPattern = 'off' | 'on' | { flashes: number; periodMs: number };

/** A board's lights: red says live, green says ready. */
export interface LightState {
  red: LightPattern;
  green: LightPattern;
}

/** Lights as the panel sees them: real or virtual, nothing above knows which. */
export interface Lights {
  start(): Promise<void>;
  /** Shows a state until told otherwise. */
  show(state: LightState): void;
  close(): Promise<void> | void;
}
