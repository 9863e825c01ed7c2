/** A button as the panel sees it: real (GPIO) or virtual, nothing above knows which. */
export interface ButtonLine {
  /** Opens the line; `onLevel` hears every raw edge from then on, bounces too, and the first level at once. */
  start(onLevel: (pressed: boolean) => void): Promise<void>;
  close(): Promise<void> | void;
}
