import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Problem } from '#core/domain/problem.ts';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { VisibleNetwork, Wifi, WifiReading } from '#core/hardware/network/wifi.ts';
import type { PanelCondition } from '#core/protocol/link/panel.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { AccessPointPolicy } from '../domain/access-point-policy.ts';
import { WifiJoins } from './wifi-joins.ts';

const lookEveryMs = 2_000;
/** How long a reading holds for who only wants to show it. */
const readingHoldsMs = 2_000;
/** The radio may come late, or its networks change by themselves. */
const readAgainMs = { online: 5 * 60_000, offline: 30_000 };

const nothing: WifiReading = {
  available: false,
  device: null,
  connected: null,
  saved: [],
  accessPoint: false,
};

/** What the box says of its Wi-Fi. */
export interface WifiState {
  reading: WifiReading;
  /** The network that is being joined. */
  joining: string | null;
  /** ISO 8601: a change that is taken back then unless it is confirmed. */
  confirmBy: string | null;
  /** Why the last try to join failed; null once one worked. */
  failure: Problem | null;
}

interface Deps {
  wifi: Wifi;
  settings: () => Settings;
  accessPoint: () => { ssid: string; passphrase: string };
  clock: Clock;
  logger: Logger;
}

/** Looks after the box's Wi-Fi: knows how it is, and opens the access point where there is no network. */
export class WifiDesk {
  readonly events = new EventHub<{ networkChanged: { online: boolean } }>();
  readonly joins: WifiJoins;
  readonly #deps: Deps;
  readonly #policy: AccessPointPolicy;
  #reading: WifiReading = nothing;
  #readAtMs = Number.NEGATIVE_INFINITY;
  #heard: VisibleNetwork[] = [];
  #lastVisitMs: number | null = null;
  #shown = '';
  /** One thing at a time: two commands to one radio end in neither. */
  readonly #queue = new SerialQueue();
  #looking = false;
  #wasOnline: boolean | null = null;
  #stop: () => void = () => {};

  /** @param deps.accessPoint how the box calls its own network, and what that asks for */
  constructor(deps: Deps) {
    this.#deps = deps;
    this.#policy = new AccessPointPolicy({ clock: deps.clock });
    this.joins = new WifiJoins({
      wifi: deps.wifi,
      clock: deps.clock,
      logger: deps.logger,
      queue: this.#queue,
      onChange: () => {
        this.#readAtMs = Number.NEGATIVE_INFINITY; // nothing is as it was
        void this.look();
      },
    });
  }

  /** Looks after the network from now on; what is there is read in the background. */
  start(): void {
    this.#stop = this.#deps.clock.every(lookEveryMs, () => void this.look());
    void this.look();
  }

  close(): void {
    this.#stop();
    this.joins.close();
  }

  get online(): boolean {
    return this.#deps.wifi.online;
  }

  get accessPointOpen(): boolean {
    return this.#reading.accessPoint;
  }

  /** What the lights warn of. */
  get conditions(): PanelCondition[] {
    if (this.online) return [];
    return [this.accessPointOpen ? 'access-point' : 'no-network'];
  }

  async state(): Promise<WifiState> {
    if (this.#deps.clock.monotonicMs() - this.#readAtMs > readingHoldsMs && this.joins.underWay === null)
      await this.#read();
    const { underWay: joining, confirmBy, failure } = this.joins;
    return { reading: this.#reading, joining, confirmBy, failure };
  }

  /** While the radio serves the access point it hears nothing: then what it heard before. */
  async scan(): Promise<VisibleNetwork[]> {
    if (this.accessPointOpen && this.#heard.length > 0) return this.#heard;
    this.#heard = await this.#queue.run(() => this.#deps.wifi.scan());
    return this.#heard;
  }

  /** Whether this connection comes in by the radio, so that joining another network would cut it. */
  comesByRadio(localAddress: string | undefined): boolean {
    const { device } = this.#reading;
    const address = localAddress?.replace(/^::ffff:/, '');
    if (device === null || address === undefined) return false;
    return this.#deps.wifi.addressesOf(device).includes(address);
  }

  /** Somebody uses the access point. */
  visited(): void {
    this.#lastVisitMs = this.#deps.clock.monotonicMs();
  }

  /** @throws OnairError `not-found` */
  async forget(ssid: string): Promise<void> {
    const known = await this.#queue.run(() => this.#deps.wifi.forget(ssid));
    await this.#read();
    if (known) return;
    throw new OnairError('not-found', 'No network of that name is saved.', { subject: 'wifi' });
  }

  /** Opens or closes the access point where that is due, and tells of what changed. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const { online } = this;
      const holdsMs = online === this.#wasOnline ? readAgainMs[online ? 'online' : 'offline'] : 0;
      if (this.#deps.clock.monotonicMs() - this.#readAtMs > holdsMs) await this.#read();
      this.#wasOnline = online;
      const wanted = this.#policy.decide({
        online,
        radio: this.#reading.available,
        allowed: this.#deps.settings().network.wifi.accessPoint,
        joining: this.joins.underWay !== null,
        saved: this.#reading.saved.length,
        lastVisitMs: this.#lastVisitMs,
      });
      if (wanted !== this.accessPointOpen && this.joins.underWay === null)
        await this.#queue.run(() => (wanted ? this.#openAccessPoint() : this.#closeAccessPoint()));
    } catch (error) {
      this.#complain(error);
    } finally {
      this.#looking = false;
      this.#tell();
    }
  }

  /** A Raspberry Pi's radio cannot listen while it serves: it listens first, and the list is kept. */
  async #openAccessPoint(): Promise<void> {
    this.#heard = await this.#deps.wifi.scan().catch(() => this.#heard);
    const { ssid, passphrase } = this.#deps.accessPoint();
    await this.#deps.wifi.openAccessPoint({ ssid, passphrase });
    this.#lastVisitMs = null;
    this.#deps.logger.info({ ssid }, 'no network was found: the access point is open');
    await this.#read();
  }

  async #closeAccessPoint(): Promise<void> {
    await this.#deps.wifi.closeAccessPoint();
    this.#deps.logger.info('the access point is closed');
    await this.#read();
  }

  async #read(): Promise<void> {
    const before = this.#reading.accessPoint;
    this.#reading = await this.#deps.wifi.read();
    this.#readAtMs = this.#deps.clock.monotonicMs();
    // A control before this one opened it: it stays while there is no network.
    if (this.#reading.accessPoint && !before) this.#policy.adopt();
  }

  #tell(): void {
    const { online } = this;
    const shown = JSON.stringify([online, this.#reading]);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.events.emit('networkChanged', { online });
  }

  #complain(error: unknown): void {
    this.#deps.logger.warn({ err: error }, 'Wi-Fi did not do what it was asked to');
  }
}
