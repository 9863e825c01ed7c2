import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { SerialQueue } from '#core/domain/serial-queue.ts';
import { type JoinedNetwork, type Wifi, WifiError, type WifiJoin } from '#core/hardware/network/wifi.ts';
import type { Logger } from '#core/runtime/logger.ts';

/** So long has who asked, once the network is joined, to say that they still reach the box. */
export const confirmWithinMs = 60_000;

interface Deps {
  wifi: Wifi;
  queue: SerialQueue;
  onChange: () => void;
  clock: Clock;
  logger: Logger;
}

/** Joins networks, one at a time, and takes back a change that cut its maker off. */
export class WifiJoins {
  readonly #deps: Deps;
  #ssid: string | null = null;
  #failure: Problem | null = null;
  #pending: { joined: JoinedNetwork; cancel: () => void; confirmBy: string } | null = null;

  /**
   * @param options.queue what the radio is asked for, one after the other
   * @param options.onChange told when a try is over, however it went
   */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The network that is being joined. */
  get underWay(): string | null {
    return this.#ssid;
  }

  /** ISO 8601: a change that is taken back then unless it is confirmed. */
  get confirmBy(): string | null {
    return this.#pending?.confirmBy ?? null;
  }

  /** Why the last try to join failed; null once one worked. */
  get failure(): Problem | null {
    return this.#failure;
  }

  close(): void {
    this.#pending?.cancel();
  }

  /**
   * @param options.confirm the change is taken back unless `confirm` is called within 60 s
   * @throws WifiError, OnairError `conflict` while another network is being joined
   */
  async join(wanted: WifiJoin, options: { confirm: boolean }): Promise<void> {
    this.refuseWhileJoining();
    this.#ssid = wanted.ssid;
    try {
      await this.#deps.queue.run(() => this.#join(wanted, options));
      this.#failure = null;
    } catch (error) {
      if (error instanceof WifiError) {
        this.#failure = { code: error.code, message: error.message, action: error.action };
        this.#deps.logger.warn({ code: error.code, cause: String(error.cause ?? '') }, 'joining failed');
      }
      throw error;
    } finally {
      this.#ssid = null;
      this.#deps.onChange();
    }
  }

  /** @throws OnairError `conflict` while a network is being joined */
  refuseWhileJoining(): void {
    if (this.#ssid === null) return;
    throw new OnairError('conflict', 'Another network is being joined just now.', {
      subject: 'wifi',
      action: 'Wait a minute, then try again.',
    });
  }

  /** Keeps a change that waited for it. @returns whether one did */
  confirm(): boolean {
    const pending = this.#pending;
    if (pending === null) return false;
    this.#pending = null;
    pending.cancel();
    void this.#deps.queue.run(() => pending.joined.keep()).catch((error) => this.#complain(error));
    return true;
  }

  async #join(wanted: WifiJoin, { confirm }: { confirm: boolean }): Promise<void> {
    this.#pending?.cancel();
    await this.#pending?.joined.keep(); // who joins on from there came through it
    this.#pending = null;
    const joined = await this.#deps.wifi.join(wanted);
    this.#deps.logger.info('a wireless network was joined');
    if (!confirm) {
      await joined.keep();
      return;
    }
    const cancel = this.#deps.clock.after(confirmWithinMs, () => this.#takeBack());
    const confirmBy = new Date(this.#deps.clock.nowMs() + confirmWithinMs).toISOString();
    this.#pending = { joined, cancel, confirmBy };
  }

  #takeBack(): void {
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    this.#deps.logger.warn('nobody confirmed the wireless network: the one before it comes back');
    this.#failure = {
      code: 'wifi-not-confirmed',
      message: 'Nobody confirmed the new network within a minute, so the box went back to the one before.',
      action: 'Join again, and confirm from a device that is in the new network.',
    };
    void this.#deps.queue
      .run(() => pending.joined.takeBack())
      .catch((error) => this.#complain(error))
      .finally(() => this.#deps.onChange());
  }

  #complain(error: unknown): void {
    this.#deps.logger.warn({ err: error }, 'Wi-Fi did not do what it was asked to');
  }
}
