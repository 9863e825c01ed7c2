const windowMs = 2_000;

export interface Progress {
  frames: number;
  keyFrames: number;
  /** Of the pictures, over the last 2 s; null before that. */
  bitrateKbps: number | null;
  framesPerSecond: number | null;
}

/** Counts encoded frames, and measures their rate over the last 2 s. */
export class ProgressMeter {
  #frames = 0;
  #keyFrames = 0;
  #beganAtMs: number | null = null;
  #recent: { atMs: number; bytes: number }[] = [];

  add(atMs: number, bytes: number, keyFrame: boolean): void {
    this.#beganAtMs ??= atMs;
    this.#frames += 1;
    if (keyFrame) this.#keyFrames += 1;
    this.#recent.push({ atMs, bytes });
    this.#forget(atMs);
  }

  read(atMs: number): Progress {
    this.#forget(atMs);
    const counted = { frames: this.#frames, keyFrames: this.#keyFrames };
    if (this.#beganAtMs === null || atMs - this.#beganAtMs < windowMs) {
      return { ...counted, bitrateKbps: null, framesPerSecond: null };
    }
    const bytes = this.#recent.reduce((sum, frame) => sum + frame.bytes, 0);
    return {
      ...counted,
      bitrateKbps: Math.round((bytes * 8) / windowMs),
      framesPerSecond: this.#recent.length / (windowMs / 1000),
    };
  }

  #forget(atMs: number): void {
    let old = 0;
    while (old < this.#recent.length && (this.#recent[old]?.atMs ?? 0) <= atMs - windowMs) old += 1;
    if (old > 0) this.#recent.splice(0, old);
  }
}
