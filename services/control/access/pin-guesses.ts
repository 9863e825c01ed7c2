import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { RateLimit } from '../sockets/rate-limit.ts';

/** Wrong PINs of one address: a family's typing errors, then one in 10 s. */
const perAddress = { ratePerSecond: 0.1, burst: 10 };
/** Of all addresses together, since one machine may have many: four digits then last for three hours on average. */
const together = { ratePerSecond: 0.5, burst: 60 };
const maxAddresses = 1_000;
const retryAfterSeconds = 10;

/** Makes guessing a PIN take long: who was wrong too often is not even compared for a while. */
export class PinGuesses {
  readonly #clock: Clock;
  readonly #together: RateLimit;
  readonly #byAddress = new Map<string, RateLimit>();

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
    this.#together = new RateLimit({ ...together, nowMs: clock.monotonicMs() });
  }

  /** Before a PIN is compared. @throws OnairError `rate-limited` */
  allow(address: string): void {
    const nowMs = this.#clock.monotonicMs();
    const limit = this.#byAddress.get(address);
    if (this.#together.has(nowMs) && (limit === undefined || limit.has(nowMs))) return;
    throw new OnairError('rate-limited', 'Too many wrong PINs.', {
      subject: 'pin',
      action: 'Wait a little, then try again.',
      retryAfterSeconds,
    });
  }

  /** It was wrong. */
  count(address: string): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#byAddress.size >= maxAddresses) this.#forget(nowMs);
    const limit = this.#byAddress.get(address) ?? new RateLimit({ ...perAddress, nowMs });
    this.#byAddress.set(address, limit);
    limit.take(nowMs);
    this.#together.take(nowMs);
  }

  /** Those that waited long enough, else the oldest: all together are limited too. */
  #forget(nowMs: number): void {
    for (const [address, limit] of this.#byAddress) if (limit.isFull(nowMs)) this.#byAddress.delete(address);
    const [oldest] = this.#byAddress.keys();
    if (oldest !== undefined && this.#byAddress.size >= maxAddresses) this.#byAddress.delete(oldest);
  }
}
