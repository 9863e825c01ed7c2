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

/**
 * The heartbeat of one viewer: a ping every 30 s. Its answer within 10 s is a sample of the latency, else the
 * sample is lost; any pong, asked for or not, keeps the connection, and 60 s without one end it.
 */
export class Heartbeat {
  readonly #clock: Clock;
  readonly #send: (sequence: number) => void;
  readonly #onIdle: () => void;
  readonly #statistics: PingStatistics;
  readonly #stopPings: () => void;
  #sequence = 0;
  #waiting: { sequence: number; sentAtMs: number; cancel: () => void } | null = null;
  #cancelIdle: () => void = () => {};
  #latencyMs: number | null = null;

  constructor(options: {
    clock: Clock;
    send: (sequence: number) => void;
    onIdle: () => void;
    statistics: PingStatistics;
  }) {
    this.#clock = options.clock;
    this.#send = options.send;
    this.#onIdle = options.onIdle;
    this.#statistics = options.statistics;
    this.#waitForPong();
    this.#stopPings = this.#clock.every(pingEveryMs, () => this.#ping());
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
    this.#latencyMs = Math.max(0, this.#clock.monotonicMs() - waiting.sentAtMs);
    this.#statistics.answered(this.#latencyMs);
  }

  close(): void {
    this.#stopPings();
    this.#cancelIdle();
    this.#waiting?.cancel();
    this.#waiting = null;
  }

  #ping(): void {
    this.#sequence += 1;
    const cancel = this.#clock.after(pingTimeoutMs, () => {
      this.#waiting = null;
      this.#statistics.lost();
    });
    this.#waiting = { sequence: this.#sequence, sentAtMs: this.#clock.monotonicMs(), cancel };
    this.#send(this.#sequence);
  }

  #waitForPong(): void {
    this.#cancelIdle();
    this.#cancelIdle = this.#clock.after(idleTimeoutMs, this.#onIdle);
  }
}
