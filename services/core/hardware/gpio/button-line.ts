/**
 * Hears how a button stands.
 * @param ageMs how long ago that began, where the kernel tells; else it was just now
 */
export type OnLevel = (pressed: boolean, ageMs?: number) => void;

/** A button as the panel sees it: real (GPIO) or virtual, nothing above knows which. */
export interface ButtonLine {
  /** Opens the line; `onLevel` hears every raw edge from then on, bounces too, and the first level at once. */
  start(onLevel: OnLevel): Promise<void>;
  close(): Promise<void> | void;
}
