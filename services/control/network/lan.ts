import type { IncomingMessage } from 'node:http';
import { networkInterfaces, hostname as systemHostname } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import { webAddress } from '#core/domain/page-address.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Settings } from '#core/domain/settings.ts';
import {
  hasAddress,
  type Interfaces,
  lanAddresses,
  usbCableAddress,
} from '#core/hardware/network/lan-addresses.ts';
import { accessPointAddress } from '#core/hardware/network/wifi.ts';
import { offerWhep } from '#core/protocol/endpoints/watching.ts';
import type { PanelCondition } from '#core/protocol/link/panel.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import { environmentFrom } from '#core/runtime/environment.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Paths } from '#core/runtime/paths.ts';
import { version } from '#core/version.ts';
import { AccessPointKey } from './access-point-key.ts';
import { AvahiBus } from './avahi-bus.ts';
import { captiveRedirect, comesByAccessPoint } from './captive-portal.ts';
import { MdnsAdvertiser } from './mdns-advertiser.ts';
import { ownNetworkText } from './own-network-screen.ts';
import { PublishedName } from './published-name.ts';
import { SystemRequests } from './system-requests.ts';
import { NetworkManagerWifi } from './wifi/network-manager.ts';
import { Nmcli } from './wifi/nmcli.ts';
import { demoNetworks, VirtualWifi } from './wifi/virtual-wifi.ts';
import { WifiDesk } from './wifi-desk.ts';

/** RFC 6763, 4.1.1: an instance's name is one label. */
const maxServiceNameBytes = 63;

interface LanOptions {
  settings: () => Settings;
  paths: Paths;
  httpPort: () => number | null;
  live: () => boolean;
  clock: Clock;
  logger: Logger;
}

/** The box in its network: under which name and address it is found, and by which radio. */
export class Lan implements Closable {
  readonly events = new EventHub<{
    lanChanged: { online: boolean };
    mdnsProblem: { problem: Problem | null };
  }>();
  readonly wifi: WifiDesk;
  readonly #deps: LanOptions;
  readonly #key: AccessPointKey;
  readonly #name: PublishedName;
  readonly #mdns: MdnsAdvertiser;
  #known: Interfaces = {};
  #onScreen = '';
  readonly #requests: SystemRequests | null;
  #said = false;

  constructor(deps: LanOptions) {
    this.#deps = deps;
    const virtual = environmentFrom(process.env).board === 'virtual';
    const requests = new SystemRequests({ directory: join(deps.paths.runtimeDirectory, 'requests') });
    this.#requests = !virtual && requests.heard ? requests : null;
    this.#key = new AccessPointKey({
      path: join(deps.paths.dataDirectory, 'access-point.json'),
      logger: deps.logger,
    });
    this.wifi = new WifiDesk({
      wifi: virtual
        ? new VirtualWifi({ networks: demoNetworks, wired: true })
        : new NetworkManagerWifi({ nmcli: new Nmcli(), secretsDirectory: deps.paths.runtimeDirectory }),
      settings: deps.settings,
      accessPoint: () => this.accessPoint,
      clock: deps.clock,
      logger: deps.logger,
    });
    this.#name = new PublishedName({
      avahi: new AvahiBus(),
      wanted: () => deps.settings().network.hostname,
      claim: this.#requests && ((name) => requests.ask('hostname', name)),
      ownAddresses: () => lanAddresses(this.#interfaces()),
      clock: deps.clock,
      logger: deps.logger,
    });
    const program = fileURLToPath(new URL('mdns-advertiser.js', import.meta.url));
    this.#mdns = new MdnsAdvertiser({ program, clock: deps.clock, logger: deps.logger });
  }

  /** Once the page is served. */
  async start(): Promise<void> {
    await this.#key.start();
    this.wifi.events.on('networkChanged', () => {
      void this.#name.look();
      void this.#showOnScreen();
      this.#tell();
    });
    this.#name.events.on('nameChanged', () => {
      this.advertise();
      this.#tell();
    });
    this.#mdns.events.on('registered', () => void this.#name.look());
    this.#mdns.events.on('problemChanged', ({ problem }) => this.events.emit('mdnsProblem', { problem }));
    if (this.#requests && systemHostname() !== this.#deps.settings().network.hostname)
      await this.#name.apply();
    await this.#setCountry();
    this.#name.start();
    this.wifi.start();
    await this.#name.look();
    if (this.#name.current === null && !this.#said)
      this.#deps.logger.info('there is no avahi here: the box is found by its address only');
    this.#said = true;
  }

  close(): void {
    this.wifi.close();
    this.#name.close();
    this.#mdns.close();
  }

  /** The name under which it is found, without `.local`: what avahi made of the wanted one. */
  get hostname(): string {
    return this.#name.current ?? this.#deps.settings().network.hostname;
  }

  /** Where browsers find the page; in the access point its own address; null without a network. */
  get address(): string | null {
    const address = this.#ownAddress;
    return address === undefined ? null : webAddress(address, this.#deps.httpPort());
  }

  /** The box by number, for other programs than browsers; by name where it has no address now. */
  get host(): string {
    return this.#ownAddress ?? `${this.hostname}.local`;
  }

  get #ownAddress(): string | undefined {
    const own = lanAddresses(this.#interfaces()).find((address) => !address.includes(':'));
    return own ?? (this.wifi.accessPointOpen ? accessPointAddress : undefined);
  }

  /** Where the computer at the USB cable finds the page; null without one. */
  get usbAddress(): string | null {
    return hasAddress(this.#interfaces(), usbCableAddress)
      ? webAddress(usbCableAddress, this.#deps.httpPort())
      : null;
  }

  /** The own access point's name, and what it asks for. */
  get accessPoint(): { ssid: string; passphrase: string } {
    const id = this.#deps.settings().device.id.replace(/[^\dA-Za-z]/g, '');
    const { accessPointPassphrase } = this.#deps.settings().network.wifi;
    return {
      ssid: `Onair-${id.slice(0, 4).toUpperCase()}`,
      passphrase: accessPointPassphrase ?? this.#key.passphrase,
    };
  }

  /** Those known last where the system cannot say (EMFILE): how the box is, is asked for at any time. */
  #interfaces(): Interfaces {
    try {
      this.#known = networkInterfaces();
    } catch (error) {
      this.#deps.logger.debug({ err: error }, 'the network interfaces cannot be listed');
    }
    return this.#known;
  }

  /** What the lights warn of. */
  get conditions(): PanelCondition[] {
    return this.wifi.conditions;
  }

  /** Names besides the wanted one under which browsers may call the box. */
  get names(): string[] {
    return this.#name.current === null ? [] : [this.#name.current, `${this.#name.current}.local`];
  }

  /** Where a request is sent that came by the own access point and was meant for another host; null for all others. */
  redirect(request: IncomingMessage): string | null {
    const { localAddress } = request.socket;
    if (!this.wifi.accessPointOpen || !comesByAccessPoint(localAddress)) return null;
    this.wifi.visited();
    const { hostname } = this.#deps.settings().network;
    const names = [hostname, `${hostname}.local`, ...this.names];
    return captiveRedirect(
      { localAddress, host: request.headers.host },
      { names, port: this.#deps.httpPort() },
    );
  }

  async applySettings(changed: readonly string[]): Promise<void> {
    if (changed.includes('network.hostname') && this.#requests) await this.#name.apply();
    if (changed.includes('network.wifi.country')) await this.#setCountry();
    this.advertise();
    void this.wifi.look();
  }

  /** Tells the network what the page is and whether it is live. */
  advertise(): void {
    const port = this.#deps.httpPort();
    if (port === null || this.#name.current === null) {
      this.#mdns.advertise(null);
      return;
    }
    const txt = { path: '/', whep: offerWhep.path, version, live: this.#deps.live() ? '1' : '0' };
    this.#mdns.advertise({ name: serviceName(this.#deps.settings().device.name), port, txt });
  }

  /** A phone needs the passphrase, and there is neither a cable nor another page to read it from. */
  async #showOnScreen(): Promise<void> {
    const page = webAddress(accessPointAddress, this.#deps.httpPort());
    const text = this.wifi.accessPointOpen ? ownNetworkText(this.accessPoint, page) : '';
    if (this.#requests === null || text === this.#onScreen) return;
    this.#onScreen = text;
    await this.#requests.ask('screen', text).catch((error) => {
      this.#deps.logger.warn({ err: error }, 'the screen cannot show how to join the access point');
    });
  }

  async #setCountry(): Promise<void> {
    const { country } = this.#deps.settings().network.wifi;
    if (country === null || this.#requests === null) return;
    await this.#requests.ask('wifi-country', country).catch((error) => {
      this.#deps.logger.warn({ err: error }, 'the country of the radio could not be set');
    });
  }

  #tell(): void {
    this.events.emit('lanChanged', { online: this.wifi.online });
  }
}

/** Cut to so many bytes, at the end of a character. */
function serviceName(name: string): string {
  let cut = name;
  while (Buffer.byteLength(cut) > maxServiceNameBytes) cut = [...cut].slice(0, -1).join('');
  return cut;
}
