import type { Clock } from '#core/domain/clock.ts';
import { RateLimit } from './rate-limit.ts';

/** A rate for each address; only so many addresses are remembered, those that were seen last. */
export class AddressRates {
  readonly #clock: Clock;
  readonly #rate: { ratePerSecond: number; burst: number };
  readonly #maxAddresses: number;
  readonly #byAddress = new Map<string, RateLimit>();

  constructor(options: { clock: Clock; ratePerSecond: number; burst: number; maxAddresses?: number }) {
    const { clock, ratePerSecond, burst, maxAddresses = 1_000 } = options;
    this.#clock = clock;
    this.#rate = { ratePerSecond, burst };
    this.#maxAddresses = maxAddresses;
  }

  /** Whether `take` would find one. */
  has(address: string): boolean {
    return this.#byAddress.get(address)?.has(this.#clock.monotonicMs()) ?? true;
  }

  /** Takes one, if there is one. */
  take(address: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const rate = this.#byAddress.get(address) ?? new RateLimit({ ...this.#rate, nowMs });
    this.#byAddress.delete(address); // the latest stands last
    this.#byAddress.set(address, rate);
    if (this.#byAddress.size > this.#maxAddresses) this.#forget(nowMs);
    return rate.take(nowMs);
  }

  forget(address: string): void {
    this.#byAddress.delete(address);
  }

  /** Those that waited long enough, else the one seen longest ago. */
  #forget(nowMs: number): void {
    for (const [address, rate] of this.#byAddress) if (rate.isFull(nowMs)) this.#byAddress.delete(address);
    const [oldest] = this.#byAddress.keys();
    if (oldest !== undefined && this.#byAddress.size > this.#maxAddresses) this.#byAddress.delete(oldest);
  }
}
