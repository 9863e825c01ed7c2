import { randomUUID } from 'node:crypto';
import {
  type JoinedNetwork,
  WifiError,
  type WifiJoin,
  type WifiSecurity,
} from '#core/hardware/network/wifi.ts';
import type { Activation } from './activation.ts';
import { joinFailure } from './join-failure.ts';
import type { NmcliRunner } from './nmcli.ts';
import type { Radio } from './radio.ts';
import type { SavedConnection, SavedConnections } from './saved-connections.ts';

const keyManagementProperty = '802-11-wireless-security.key-mgmt';
/**
 * NetworkManager's words. `wpa-psk` joins WPA2 and WPA3 alike when it is told to, since it offers both to the access
 * point (nm-supplicant-config.c); by itself, say after a restart, it brings it up only where WPA2 is on the air
 * (nm_setting_wireless_ap_security_compatible). `sae` is WPA3 alone.
 */
const keyManagement = {
  wpa: 'wpa-psk',
  wpa3: 'sae',
  'enhanced-open': 'owe',
  open: null,
  unsupported: null,
} satisfies Record<WifiSecurity, string | null>;

interface Deps {
  nmcli: NmcliRunner;
  radio: Radio;
  connections: SavedConnections;
  activation: Activation;
}

/** Joins a Wi-Fi network through NetworkManager, and knows the way back. */
export class NetworkJoin {
  readonly #deps: Deps;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** @throws WifiError; the network before is back then */
  async join(wanted: WifiJoin): Promise<JoinedNetwork> {
    const { ssid, passphrase } = wanted;
    const device = await this.#deps.radio.device();
    if (device === null) throw new WifiError('wifi-unavailable');
    if (ssid.includes('\0')) throw new WifiError('wifi-not-found', ssid);
    const { networks } = await this.#deps.connections.list();
    const former = networks.find(({ active }) => active) ?? null;
    const same = networks.filter((network) => network.ssid === ssid);
    const saved = passphrase === undefined ? await this.#mostCapable(same) : null;
    const uuid = saved?.uuid ?? randomUUID();
    if (saved === null) await this.#add(wanted, { uuid, device });
    const goBack = async (): Promise<void> => {
      if (saved === null) await this.#deps.connections.delete(uuid);
      if (former && former.uuid !== uuid) await this.#deps.activation.up(former.uuid);
    };
    const secret = passphrase === undefined ? undefined : { device, passphrase };
    const answer = await this.#deps.activation.up(uuid, secret);
    if (answer.exitCode !== 0) {
      await goBack();
      throw joinFailure(ssid, answer);
    }
    const others = same.filter((other) => other.uuid !== uuid);
    return { keep: () => this.#keep(uuid, others), takeBack: goBack };
  }

  /** Of several of one name, one that joins WPA2 and WPA3 alike: `onair.toml` makes one for each. */
  async #mostCapable(same: readonly SavedConnection[]): Promise<SavedConnection | null> {
    if (same.length > 1)
      for (const network of same) {
        const value = await this.#deps.connections.value(network.uuid, keyManagementProperty);
        if (value !== keyManagement.wpa3) return network;
      }
    return same[0] ?? null;
  }

  async #add({ ssid, passphrase, hidden }: WifiJoin, at: { uuid: string; device: string }): Promise<void> {
    const chosen = keyManagement[await this.#securityOf({ ssid, passphrase, hidden })];
    const { exitCode, stderr } = await this.#deps.nmcli.run(
      // Until it is kept, a restart of the box goes back to the network before it.
      ['connection', 'add', 'type', 'wifi', 'ifname', at.device, 'con-name', ssid, 'ssid', ssid]
        .concat(['connection.uuid', at.uuid, 'connection.autoconnect', 'no'])
        .concat(['802-11-wireless.hidden', hidden ? 'yes' : 'no'])
        .concat(chosen === null ? [] : ['wifi-sec.key-mgmt', chosen])
        .concat(chosen === null || chosen === 'owe' ? [] : ['wifi-sec.psk-flags', '0']),
    );
    if (exitCode !== 0) throw new WifiError('wifi-failed', ssid, stderr);
  }

  /** What the radio heard of it; of a network that it does not hear, what the passphrase tells. */
  async #securityOf({ ssid, passphrase, hidden }: WifiJoin): Promise<WifiSecurity> {
    const named = (network: { ssid: string }): boolean => network.ssid === ssid;
    const before = (await this.#deps.radio.heard()).find(named);
    const heard = before ?? (hidden ? undefined : (await this.#deps.radio.listen()).find(named));
    const security = heard?.security ?? (passphrase === undefined ? 'open' : 'wpa');
    if (security === 'unsupported') throw new WifiError('wifi-unsupported', ssid);
    if (passphrase === undefined && (security === 'wpa' || security === 'wpa3'))
      throw new WifiError('wifi-wrong-passphrase', ssid);
    return security;
  }

  async #keep(uuid: string, others: readonly SavedConnection[]): Promise<void> {
    // What was joined unheard may be WPA3 alone: it comes up by itself only if the connection says so.
    const joined = (await this.#deps.radio.heard()).find(({ inUse }) => inUse);
    const security = joined?.security === 'wpa3' ? [keyManagementProperty, keyManagement.wpa3] : [];
    await this.#deps.connections.modify(uuid, ['connection.autoconnect', 'yes', ...security]);
    for (const other of others) await this.#deps.connections.delete(other.uuid);
  }
}
