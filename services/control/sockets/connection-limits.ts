import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { RateLimit } from '../domain/rate-limit.ts';

/** New connections from one address: enough for a house behind one NAT, too few to hurt. */
const connectsPerSecond = 100;
const connectsBurst = 200;
/** Open at one time: a proxy with every place of a large house behind it needs no more. */
const maxPerAddress = 1_000;

/** What one address may open. */
export class ConnectionLimits {
  readonly #clock: Clock;
  readonly #connects = new Map<string, RateLimit>();
  readonly #open = new Map<string, number>();

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  /** Somebody connects. @throws OnairError `rate-limited` */
  connect(address: string): void {
    const nowMs = this.#clock.monotonicMs();
    const limit =
      this.#connects.get(address) ??
      new RateLimit({ ratePerSecond: connectsPerSecond, burst: connectsBurst, nowMs });
    this.#connects.set(address, limit);
    if (limit.take(nowMs)) return;
    throw new OnairError('rate-limited', 'Too many new connections from this address.', {
      retryAfterSeconds: 1,
    });
  }

  /** @throws OnairError `rate-limited` where one address has too many open */
  requireRoom(address: string): void {
    if ((this.#open.get(address) ?? 0) < maxPerAddress) return;
    throw new OnairError('rate-limited', 'Too many open connections from this address.', {
      retryAfterSeconds: 10,
    });
  }

  /** @returns what to call when it has closed */
  opened(address: string): () => void {
    this.#open.set(address, (this.#open.get(address) ?? 0) + 1);
    return () => {
      const left = (this.#open.get(address) ?? 1) - 1;
      if (left > 0) this.#open.set(address, left);
      else this.#open.delete(address);
    };
  }

  /** Forgets addresses that were quiet for long enough. */
  sweep(): void {
    const nowMs = this.#clock.monotonicMs();
    for (const [address, limit] of this.#connects) if (limit.isFull(nowMs)) this.#connects.delete(address);
  }
}
