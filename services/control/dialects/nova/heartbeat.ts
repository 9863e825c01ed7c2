import type { Clock } from '#core/domain/clock.ts';

/** "Connection Parameters": ping interval, ping timeout, idle timeout. */
const pingEveryMs = 30_000;
const pingTimeoutMs = 10_000;
const idleTimeoutMs = 60_000;

/** What pings tell of all viewers together. */
export interface PingStatistics {
  answered(roundTripMs: number): void;
  lost(): void;
}

interface Deps {
  clock: Clock;
  send: (sequence: number) => void;
  onIdle: () => void;
  statistics: PingStatistics;
}

/**
 * The heartbeat of one viewer: a ping every 30 s. Its answer within 10 s is a sample of the latency, else the
 * sample is lost; any pong, asked for or not, keeps the connection, and 60 s without one end it.
 */
export class Heartbeat {
  readonly #deps: Deps;
  readonly #stopPings: () => void;
  #sequence = 0;
  #waiting: { sequence: number; sentAtMs: number; cancel: () => void } | null = null;
  #cancelIdle: () => void = () => {};
  #latencyMs: number | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#waitForPong();
    this.#stopPings = this.#deps.clock.every(pingEveryMs, () => this.#ping());
  }

  /** The latest round trip; null before one was measured. By the box's own clock: a viewer's may be wrong. */
  get latencyMs(): number | null {
    return this.#latencyMs;
  }

  /** @param sequence which ping it answers; undefined where it answers none */
  pong(sequence: number | undefined): void {
    this.#waitForPong();
    const waiting = this.#waiting;
    if (waiting === null || sequence !== waiting.sequence) return;
    waiting.cancel();
    this.#waiting = null;
    this.#latencyMs = Math.max(0, this.#deps.clock.monotonicMs() - waiting.sentAtMs);
    this.#deps.statistics.answered(this.#latencyMs);
  }

  close(): void {
    this.#stopPings();
    this.#cancelIdle();
    this.#waiting?.cancel();
    this.#waiting = null;
  }

  #ping(): void {
    this.#sequence += 1;
    const cancel = this.#deps.clock.after(pingTimeoutMs, () => {
      this.#waiting = null;
      this.#deps.statistics.lost();
    });
    this.#waiting = { sequence: this.#sequence, sentAtMs: this.#deps.clock.monotonicMs(), cancel };
    this.#deps.send(this.#sequence);
  }

  #waitForPong(): void {
    this.#cancelIdle();
    this.#cancelIdle = this.#deps.clock.after(idleTimeoutMs, this.#deps.onIdle);
  }
}
