import { randomUUID } from 'node:crypto';
import { networkInterfaces } from 'node:os';
import { addressesOn, lanAddresses } from '#core/hardware/network/lan-addresses.ts';
import {
  accessPointAddress,
  type JoinedNetwork,
  type VisibleNetwork,
  type Wifi,
  WifiError,
  type WifiJoin,
  type WifiReading,
} from '#core/hardware/network/wifi.ts';
import { Activation } from './activation.ts';
import { NetworkJoin } from './network-join.ts';
import type { NmcliRunner } from './nmcli.ts';
import { Radio } from './radio.ts';
import { SavedConnections } from './saved-connections.ts';

const accessPointName = 'onair-access-point';

/** Wi-Fi through NetworkManager's nmcli. */
export class NetworkManagerWifi implements Wifi {
  readonly #nmcli: NmcliRunner;
  readonly #interfaces: typeof networkInterfaces;
  readonly #radio: Radio;
  readonly #connections: SavedConnections;
  readonly #activation: Activation;
  readonly #joining: NetworkJoin;

  /** @param options.secretsDirectory where a passphrase stands, mode 0600, for as long as one command runs: in memory */
  constructor(options: {
    nmcli: NmcliRunner;
    secretsDirectory: string;
    interfaces?: typeof networkInterfaces;
  }) {
    const { nmcli, secretsDirectory } = options;
    this.#nmcli = nmcli;
    this.#interfaces = options.interfaces ?? networkInterfaces;
    this.#radio = new Radio({ nmcli });
    this.#connections = new SavedConnections({ nmcli });
    this.#activation = new Activation({ nmcli, secretsDirectory });
    this.#joining = new NetworkJoin({
      nmcli,
      radio: this.#radio,
      connections: this.#connections,
      activation: this.#activation,
    });
  }

  get online(): boolean {
    return lanAddresses(this.#interfaces()).length > 0;
  }

  addressesOf(device: string): string[] {
    return addressesOn(this.#interfaces(), device);
  }

  async read(): Promise<WifiReading> {
    const device = await this.#radio.device();
    if (device === null) return { available: false, device, connected: null, saved: [], accessPoint: false };
    const known = await this.#connections.list();
    const active = known.networks.find((network) => network.active);
    const heard = active ? (await this.#radio.heard()).find(({ inUse }) => inUse) : undefined;
    return {
      available: true,
      device,
      connected: active ? { ssid: active.ssid, signalPercent: heard?.signalPercent ?? null } : null,
      saved: [...new Set(known.networks.map(({ ssid }) => ssid))],
      accessPoint: known.accessPoints.some(({ active: on }) => on),
    };
  }

  async scan(): Promise<VisibleNetwork[]> {
    if ((await this.#radio.device()) === null) throw new WifiError('wifi-unavailable');
    return (await this.#radio.listen()).map(({ ssid, signalPercent, security }) => ({
      ssid,
      signalPercent,
      security,
    }));
  }

  async join(wanted: WifiJoin): Promise<JoinedNetwork> {
    return await this.#joining.join(wanted);
  }

  async forget(ssid: string): Promise<boolean> {
    const { networks } = await this.#connections.list();
    const same = networks.filter((network) => network.ssid === ssid);
    for (const { uuid } of same) {
      const { exitCode, stderr } = await this.#connections.delete(uuid);
      if (exitCode !== 0) throw new WifiError('wifi-failed', ssid, stderr);
    }
    return same.length > 0;
  }

  async openAccessPoint({ ssid, passphrase }: { ssid: string; passphrase: string }): Promise<void> {
    const device = await this.#radio.device();
    if (device === null) throw new WifiError('wifi-unavailable');
    await this.closeAccessPoint();
    const uuid = randomUUID();
    const added = await this.#nmcli.run(
      ['connection', 'add', 'save', 'no', 'type', 'wifi', 'ifname', device, 'con-name', accessPointName]
        .concat(['ssid', ssid, 'connection.uuid', uuid, 'connection.autoconnect', 'no'])
        .concat(['802-11-wireless.mode', 'ap', 'wifi-sec.key-mgmt', 'wpa-psk', 'wifi-sec.proto', 'rsn'])
        .concat(['wifi-sec.pairwise', 'ccmp', 'wifi-sec.group', 'ccmp', 'wifi-sec.psk-flags', '0'])
        .concat(['ipv4.method', 'shared', 'ipv4.addresses', `${accessPointAddress}/24`])
        .concat(['ipv6.method', 'disabled']),
    );
    if (added.exitCode !== 0) throw new WifiError('wifi-failed', ssid, added.stderr);
    const answer = await this.#activation.up(uuid, { device, passphrase });
    if (answer.exitCode === 0) return;
    await this.closeAccessPoint();
    throw new WifiError('wifi-failed', ssid, answer.stderr);
  }

  async closeAccessPoint(): Promise<void> {
    const { accessPoints } = await this.#connections.list();
    for (const { uuid } of accessPoints) await this.#connections.delete(uuid);
  }
}
