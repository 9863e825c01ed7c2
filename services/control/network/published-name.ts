import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import { BackOff } from '#core/runtime/back-off.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Avahi } from './avahi-bus.ts';

const lookEveryMs = 10_000;
/** Where there is no avahi, one may still come. */
const lookForAvahiMs = 60_000;
const reclaimAfter = { firstMs: 60_000, maxMs: 10 * 60_000 };

/**
 * The name under which the box is really found: avahi takes another one (`onair-2`) where somebody has the wanted
 * one, and now and then where nobody has (avahi#117, #193). Once nobody has it any more, it is claimed again.
 */
export class PublishedName {
  readonly events = new EventHub<{ nameChanged: { name: string | null } }>();
  readonly #avahi: Avahi;
  readonly #wanted: () => string;
  readonly #claim: ((name: string) => Promise<void>) | null;
  readonly #ownAddresses: () => readonly string[];
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #backOff = new BackOff(reclaimAfter);
  #current: string | null = null;
  #nextClaimMs = Number.POSITIVE_INFINITY;
  #lookedAtMs = 0;
  #looking: Promise<void> | null = null;
  #stop: () => void = () => {};

  /** @param options.claim asks the system to take a name; null where its name is none of our business */
  constructor(options: {
    avahi: Avahi;
    wanted: () => string;
    claim: ((name: string) => Promise<void>) | null;
    ownAddresses: () => readonly string[];
    clock: Clock;
    logger: Logger;
  }) {
    this.#avahi = options.avahi;
    this.#wanted = options.wanted;
    this.#claim = options.claim;
    this.#ownAddresses = options.ownAddresses;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  start(): void {
    this.#stop = this.#clock.every(lookEveryMs, () => {
      const sinceMs = this.#clock.monotonicMs() - this.#lookedAtMs;
      if (this.#current !== null || sinceMs >= lookForAvahiMs) void this.look();
    });
  }

  close(): void {
    this.#stop();
  }

  /** Without `.local`; null where nothing publishes a name. */
  get current(): string | null {
    return this.#current;
  }

  /** The setting changed: the system shall have that name. */
  async apply(): Promise<void> {
    this.#backOff.reset();
    this.#nextClaimMs = Number.POSITIVE_INFINITY;
    await this.#take(this.#wanted());
    await this.look();
  }

  /** Asks again; a call during a request waits for its answer. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = null;
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    this.#lookedAtMs = this.#clock.monotonicMs();
    const name = await this.#avahi.hostName();
    if (name !== this.#current) {
      const before = this.#current;
      this.#current = name;
      if (name !== null && before !== null) this.#logger.info({ name, before }, 'the box has another name');
      this.events.emit('nameChanged', { name });
    }
    if (name !== null && this.#claim !== null) await this.#reclaim(name);
  }

  async #reclaim(name: string): Promise<void> {
    const wanted = this.#wanted();
    if (name.toLowerCase() === wanted) {
      this.#backOff.reset();
      this.#nextClaimMs = Number.POSITIVE_INFINITY;
      return;
    }
    const nowMs = this.#clock.monotonicMs();
    if (this.#nextClaimMs === Number.POSITIVE_INFINITY) this.#nextClaimMs = nowMs + this.#backOff.next();
    if (nowMs < this.#nextClaimMs) return;
    this.#nextClaimMs = nowMs + this.#backOff.next();
    const holder = await this.#avahi.addressOf(wanted);
    if (holder !== null && !this.#ownAddresses().includes(holder)) return;
    this.#logger.info({ wanted, name }, 'nobody else has the wanted name any more: claiming it');
    await this.#take(wanted);
  }

  async #take(name: string): Promise<void> {
    await this.#claim?.(name).catch((error) => {
      this.#logger.warn({ err: error, name }, 'the name could not be asked for');
    });
  }
}
