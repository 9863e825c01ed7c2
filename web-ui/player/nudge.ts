/** Five frames a second is the least that the box sends: this is not a pause between two. */
const stillMs = 400;
/** Where the browser itself says that it waits for data, this is not a short wait. */
const waitingMs = 100;
/** Enough to play on from; with less, the network is what is missing. */
const bufferedSeconds = 0.35;
/** A seek needs a moment to show what it did. */
const againMs = 800;

/**
 * Whether to seek to where the picture is already. After its buffer ran dry, a browser waits for more than low
 * latency ever buffers before it plays on, and may then leave the picture standing until the next key frame
 * though the sound goes on. A seek makes it begin afresh at once.
 */
export function needsNudge(state: {
  stillMs: number;
  /** The browser says that it has no next frame. */
  waiting: boolean;
  bufferedSeconds: number;
  sinceNudgeMs: number;
}): boolean {
  const stands = state.stillMs >= (state.waiting ? waitingMs : stillMs);
  return stands && state.bufferedSeconds >= bufferedSeconds && state.sinceNudgeMs >= againMs;
}
