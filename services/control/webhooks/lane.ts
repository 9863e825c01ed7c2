import type { Clock } from '#core/domain/clock.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { post } from './post.ts';
import { signatureOf } from './signature.ts';

/** One event for one hook. */
export interface Delivery {
  id: string;
  event: string;
  body: string;
}

const attemptTimeoutMs = 10_000;
/** After the first attempt; then it is given up. */
const retryDelaysMs = [2_000, 10_000, 60_000, 300_000, 1_800_000];
const maxRetryAfterMs = 3_600_000;
/** A hook that is away for long has no use for more. */
const maxWaiting = 100;

interface LaneOptions {
  url: string;
  secret: () => string | null;
  clock: Clock;
  logger: Logger;
  /** What keeps the hook from being told, in words; null once it takes something. */
  onState: (failure: string | null) => void;
}

/** What one hook is told, one after the other in order, each until it takes it or was tried often enough. */
export class Lane {
  readonly #options: LaneOptions;
  readonly #waiting: Delivery[] = [];
  readonly #ending = new AbortController();
  #underWay = false;
  #cancelRetry: () => void = () => {};

  constructor(options: LaneOptions) {
    this.#options = options;
  }

  get url(): string {
    return this.#options.url;
  }

  send(delivery: Delivery): void {
    if (this.#ending.signal.aborted) return;
    this.#waiting.push(delivery);
    // The one under way stays: it may have arrived.
    if (this.#waiting.length > maxWaiting) this.#waiting.splice(this.#underWay ? 1 : 0, 1);
    if (!this.#underWay) void this.#attempt(0);
  }

  close(): void {
    this.#ending.abort();
    this.#cancelRetry();
    this.#waiting.length = 0;
  }

  async #attempt(failed: number): Promise<void> {
    const [delivery] = this.#waiting;
    this.#underWay = delivery !== undefined;
    if (delivery === undefined) return;
    const { url, secret, clock, logger, onState } = this.#options;
    const timestamp = Math.floor(clock.nowMs() / 1_000);
    const key = secret();
    const posted = await post(url, {
      headers: {
        'user-agent': 'Onair',
        'webhook-id': delivery.id,
        'webhook-timestamp': String(timestamp),
        ...(key === null
          ? {}
          : { 'webhook-signature': signatureOf(key, delivery.id, timestamp, delivery.body) }),
      },
      body: delivery.body,
      timeoutMs: attemptTimeoutMs,
      signal: this.#ending.signal,
    });
    if (this.#ending.signal.aborted) return;
    const host = new URL(url).host;
    if (posted.status !== null && posted.status >= 200 && posted.status < 300) {
      onState(null);
      this.#waiting.shift();
      return await this.#attempt(0);
    }
    const failure = posted.status === null ? posted.failure : `it answered ${posted.status}`;
    logger.warn({ host, event: delivery.event, failure, attempt: failed + 1 }, 'a webhook was not delivered');
    onState(failure);
    const delayMs = retryDelaysMs[failed];
    // 410 (Gone): the receiver wants to hear no more of it.
    if (delayMs === undefined || posted.status === 410) {
      logger.warn({ host, event: delivery.event }, 'a webhook is given up');
      this.#waiting.shift();
      return await this.#attempt(0);
    }
    const askedMs = posted.status === null ? 0 : (posted.retryAfterSeconds ?? 0) * 1_000;
    const waitMs = Math.max(delayMs, Math.min(askedMs, maxRetryAfterMs));
    this.#cancelRetry = clock.after(waitMs, () => void this.#attempt(failed + 1));
  }
}
