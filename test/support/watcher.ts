/** What a browser says of one connection that it plays. */
export interface Playing {
  state: string;
  frames: number;
  keyFrames: number;
  dropped: number;
  pictureLosses: number;
  soundSeconds: number;
  /** How far the sound that plays is ahead of the picture that shows, in ms; null until both are known. */
  apartMs: number | null;
}

/** A page's connections by number, which a test starts, answers and reads. */
export interface Watcher {
  /** A new connection that wants sound, picture and, in vain, a data channel. */
  offer(): Promise<string>;
  accept(at: number, sdp: string): Promise<void>;
  report(at: number): Promise<Playing>;
}
