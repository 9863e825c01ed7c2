/** What waited for longer than this is not sent any more. */
const maxBacklogMs = 200;
/** Media time that jumps by more than this belongs to another pipeline. */
const maxStepMs = 5_000;

/**
 * Finds out when pictures come faster than they were made: then they have waited, since this process or the encoder was
 * held up. More than 200 ms of that is left out, whole pictures up to the next key frame, so that what is sent is new.
 */
export class BacklogFilter {
  readonly #keyFrameNeeded: () => void;
  #before: { mediaMs: number; nowMs: number } | null = null;
  #backlogMs = 0;
  #dropping = false;
  #caughtUp = false;

  /** Pictures left out since the start. */
  dropped = 0;

  constructor(keyFrameNeeded: () => void) {
    this.#keyFrameNeeded = keyFrameNeeded;
  }

  /** The next whole picture. @param mediaMs its time stamp. @returns whether to send it */
  accept(mediaMs: number, nowMs: number, isKey: boolean): boolean {
    const before = this.#before;
    this.#before = { mediaMs, nowMs };
    const stepMs = before ? mediaMs - before.mediaMs : 0;
    const passedMs = before ? nowMs - before.nowMs : 0;
    if (stepMs < 0 || stepMs > maxStepMs) this.#backlogMs = 0;
    else this.#backlogMs = Math.max(0, this.#backlogMs + stepMs - passedMs);
    if (!this.#dropping) {
      this.#dropping = this.#backlogMs > maxBacklogMs;
      this.#caughtUp = false;
    }
    if (!this.#dropping) return true;
    // At the pace at which they are made again: the waiting ones are through.
    if (!this.#caughtUp && passedMs >= stepMs / 2) {
      this.#caughtUp = true;
      this.#backlogMs = 0;
      if (!isKey) this.#keyFrameNeeded();
    }
    if (!this.#caughtUp || !isKey) {
      this.dropped += 1;
      return false;
    }
    this.#dropping = false;
    return true;
  }
}
