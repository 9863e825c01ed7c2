/** When a question and its answer passed, by the page's own clock, and the server's `Date` (whole seconds). */
export interface DateSample {
  sentAtMs: number;
  receivedAtMs: number;
  serverDateMs: number;
}

/** Two clocks drift apart by at most this: quartz is within 0.01 %. */
const driftRatio = 1e-4;
/** Good enough for a figure shown to a tenth of a second. */
const preciseMs = 40;

/**
 * The server's clock, as exactly as HTTP's `Date` allows. One `Date` is whole seconds; but each answer bounds the
 * difference of the two clocks from both sides, and asking again just when the server's second should turn halves
 * what is left: six questions bring 1 s down to 16 ms. Local times are `performance.now()`, which never jumps.
 */
export class ServerClock {
  #minMs = Number.NEGATIVE_INFINITY;
  #maxMs = Number.POSITIVE_INFINITY;
  #atMs = 0;

  note({ sentAtMs, receivedAtMs, serverDateMs }: DateSample): void {
    const driftMs = (receivedAtMs - this.#atMs) * driftRatio;
    const minMs = serverDateMs - receivedAtMs;
    const maxMs = serverDateMs + 1000 - sentAtMs;
    const narrowedMinMs = Math.max(this.#minMs - driftMs, minMs);
    const narrowedMaxMs = Math.min(this.#maxMs + driftMs, maxMs);
    // The server's clock was set meanwhile: begin again.
    const contradicts = narrowedMinMs > narrowedMaxMs;
    this.#minMs = contradicts ? minMs : narrowedMinMs;
    this.#maxMs = contradicts ? maxMs : narrowedMaxMs;
    this.#atMs = receivedAtMs;
  }

  /** Half of the span in which the true difference lies. */
  get uncertaintyMs(): number {
    return (this.#maxMs - this.#minMs) / 2;
  }

  get precise(): boolean {
    return this.uncertaintyMs <= preciseMs;
  }

  /** Milliseconds since the epoch by the server's clock at the local time `localMs`; null before the first answer. */
  serverTimeMs(localMs: number): number | null {
    return Number.isFinite(this.uncertaintyMs) ? localMs + (this.#minMs + this.#maxMs) / 2 : null;
  }

  /** How long to wait so that the next question narrows the span most. */
  nextSampleInMs(localMs: number): number {
    const serverMs = this.serverTimeMs(localMs);
    return serverMs === null ? 0 : 1000 - (((serverMs % 1000) + 1000) % 1000);
  }
}
