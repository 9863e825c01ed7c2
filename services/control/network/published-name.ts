import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import { BackOff } from '#core/runtime/back-off.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Avahi } from './avahi-bus.ts';

const lookEveryMs = 10_000;
/** Where there is no avahi, one may still come. */
const lookForAvahiMs = 60_000;
const reclaimAfter = { firstMs: 60_000, maxMs: 10 * 60_000 };

interface Deps {
  avahi: Avahi;
  wanted: () => string;
  claim: ((name: string) => Promise<void>) | null;
  ownAddresses: () => readonly string[];
  clock: Clock;
  logger: Logger;
}

/**
 * The name under which the box is really found: avahi takes another one (`onair-2`) where somebody has the wanted
 * one, and now and then where nobody has (avahi#117, #193). Once nobody has it any more, it is claimed again.
 */
export class PublishedName {
  readonly #deps: Deps;
  readonly events = new EventHub<{ nameChanged: { name: string | null } }>();
  readonly #backOff = new BackOff(reclaimAfter);
  #current: string | null = null;
  #nextClaimMs = Number.POSITIVE_INFINITY;
  #lookedAtMs = 0;
  #looking: Promise<void> | null = null;
  #stop: () => void = () => {};

  /** @param options.claim asks the system to take a name; null where its name is none of our business */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  start(): void {
    this.#stop = this.#deps.clock.every(lookEveryMs, () => {
      const sinceMs = this.#deps.clock.monotonicMs() - this.#lookedAtMs;
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
    await this.#take(this.#deps.wanted());
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
    this.#lookedAtMs = this.#deps.clock.monotonicMs();
    const name = await this.#deps.avahi.hostName();
    if (name !== this.#current) {
      const before = this.#current;
      this.#current = name;
      if (name !== null && before !== null)
        this.#deps.logger.info({ name, before }, 'the box has another name');
      this.events.emit('nameChanged', { name });
    }
    if (name !== null && this.#deps.claim !== null) await this.#reclaim(name);
  }

  async #reclaim(name: string): Promise<void> {
    const wanted = this.#deps.wanted();
    if (name.toLowerCase() === wanted) {
      this.#backOff.reset();
      this.#nextClaimMs = Number.POSITIVE_INFINITY;
      return;
    }
    const nowMs = this.#deps.clock.monotonicMs();
    if (this.#nextClaimMs === Number.POSITIVE_INFINITY) this.#nextClaimMs = nowMs + this.#backOff.next();
    if (nowMs < this.#nextClaimMs) return;
    this.#nextClaimMs = nowMs + this.#backOff.next();
    const holder = await this.#deps.avahi.addressOf(wanted);
    if (holder !== null && !this.#deps.ownAddresses().includes(holder)) return;
    this.#deps.logger.info({ wanted, name }, 'nobody else has the wanted name any more: claiming it');
    await this.#take(wanted);
  }

  async #take(name: string): Promise<void> {
    await this.#deps.claim?.(name).catch((error) => {
      this.#deps.logger.warn({ err: error, name }, 'the name could not be asked for');
    });
  }
}
