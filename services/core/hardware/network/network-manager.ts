import { randomUUID } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { joinFailure } from './join-failure.ts';
import { addressesOn, lanAddresses } from './lan-addresses.ts';
import { type NmcliAnswer, type NmcliRunner, passwordLine, terseRows } from './nmcli.ts';
import { type HeardNetwork, parseScan, scanFields } from './scan-list.ts';
import {
  accessPointAddress,
  type JoinedNetwork,
  type VisibleNetwork,
  type Wifi,
  WifiError,
  type WifiJoin,
  type WifiReading,
  type WifiSecurity,
} from './wifi.ts';

/** Association, the keys, and an address: each has its own shorter limit inside NetworkManager. */
const activationSeconds = 60;
const scanTimeoutMs = 20_000;
/** With a weak signal a right passphrase may fail once. */
const maxTries = 2;
/** What nmcli says of it where nobody gives the passphrase again. */
const refusedWords = 'Error: Connection activation failed: (7) Secrets were required, but not provided.';
const accessPointName = 'onair-access-point';
const pskProperty = '802-11-wireless-security.psk';
const maxSaved = 64;

interface SavedNetwork {
  uuid: string;
  ssid: string;
  active: boolean;
}

/** Wi-Fi through NetworkManager's nmcli. Connections go by UUID: a name is whatever somebody called their network. */
export class NetworkManagerWifi implements Wifi {
  readonly #nmcli: NmcliRunner;
  readonly #secretsDirectory: string;
  readonly #interfaces: typeof networkInterfaces;
  /** What does not change as long as its UUID lives: each answer of nmcli costs a process. */
  #profiles = new Map<string, { ssid: string; mode: string }>();

  /** @param options.secretsDirectory where a passphrase stands, mode 0600, for as long as one command runs: in memory */
  constructor(options: {
    nmcli: NmcliRunner;
    secretsDirectory: string;
    interfaces?: typeof networkInterfaces;
  }) {
    this.#nmcli = options.nmcli;
    this.#secretsDirectory = options.secretsDirectory;
    this.#interfaces = options.interfaces ?? networkInterfaces;
  }

  get online(): boolean {
    return lanAddresses(this.#interfaces()).length > 0;
  }

  addressesOf(device: string): string[] {
    return addressesOn(this.#interfaces(), device);
  }

  async read(): Promise<WifiReading> {
    const device = await this.#device();
    if (device === null) return { available: false, device, connected: null, saved: [], accessPoint: false };
    const known = await this.#connections();
    const active = known.networks.find((network) => network.active);
    const heard = active ? (await this.#heard('no')).find(({ inUse }) => inUse) : undefined;
    return {
      available: true,
      device,
      connected: active ? { ssid: active.ssid, signalPercent: heard?.signalPercent ?? null } : null,
      saved: [...new Set(known.networks.map(({ ssid }) => ssid))],
      accessPoint: known.accessPoints.some(({ active: on }) => on),
    };
  }

  async scan(): Promise<VisibleNetwork[]> {
    if ((await this.#device()) === null) throw new WifiError('wifi-unavailable');
    return (await this.#heard('yes')).map(({ ssid, signalPercent, security }) => ({
      ssid,
      signalPercent,
      security,
    }));
  }

  async join({ ssid, passphrase, hidden }: WifiJoin): Promise<JoinedNetwork> {
    const device = await this.#device();
    if (device === null) throw new WifiError('wifi-unavailable');
    if (ssid.includes('\0')) throw new WifiError('wifi-not-found', ssid);
    const { networks } = await this.#connections();
    const former = networks.find(({ active }) => active) ?? null;
    const same = networks.filter((network) => network.ssid === ssid);
    const saved = same[0];
    const reuse = passphrase === undefined && saved !== undefined;
    const uuid = reuse ? saved.uuid : randomUUID();
    if (!reuse) {
      const security = await this.#securityOf(ssid, passphrase);
      await this.#add({ uuid, device, ssid, security, hidden });
    }
    const goBack = async (): Promise<void> => {
      if (!reuse) await this.#nmcli.run(['connection', 'delete', 'uuid', uuid]);
      if (former && former.uuid !== uuid) await this.#up(former.uuid, undefined);
    };
    const answer = await this.#up(uuid, passphrase === undefined ? undefined : { device, passphrase });
    if (answer.exitCode !== 0) {
      await goBack();
      throw joinFailure(ssid, answer);
    }
    return {
      keep: async () => {
        await this.#nmcli.run(['connection', 'modify', 'uuid', uuid, 'connection.autoconnect', 'yes']);
        for (const other of same) {
          if (other.uuid !== uuid) await this.#nmcli.run(['connection', 'delete', 'uuid', other.uuid]);
        }
      },
      takeBack: goBack,
    };
  }

  async forget(ssid: string): Promise<boolean> {
    const { networks } = await this.#connections();
    const same = networks.filter((network) => network.ssid === ssid);
    for (const { uuid } of same) {
      const { exitCode, stderr } = await this.#nmcli.run(['connection', 'delete', 'uuid', uuid]);
      if (exitCode !== 0) throw new WifiError('wifi-failed', ssid, stderr);
    }
    return same.length > 0;
  }

  async openAccessPoint({ ssid, passphrase }: { ssid: string; passphrase: string }): Promise<void> {
    const device = await this.#device();
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
    const answer = await this.#up(uuid, { device, passphrase });
    if (answer.exitCode === 0) return;
    await this.closeAccessPoint();
    throw new WifiError('wifi-failed', ssid, answer.stderr);
  }

  async closeAccessPoint(): Promise<void> {
    const { accessPoints } = await this.#connections();
    for (const { uuid } of accessPoints) await this.#nmcli.run(['connection', 'delete', 'uuid', uuid]);
  }

  async #add(wanted: {
    uuid: string;
    device: string;
    ssid: string;
    security: WifiSecurity;
    hidden: boolean;
  }): Promise<void> {
    const { uuid, device, ssid, security, hidden } = wanted;
    const keyManagement = {
      wpa: 'wpa-psk',
      wpa3: 'sae',
      'enhanced-open': 'owe',
      open: null,
      unsupported: null,
    };
    const chosen = keyManagement[security];
    const { exitCode, stderr } = await this.#nmcli.run(
      // Until it is kept, a restart of the box goes back to the network before it.
      ['connection', 'add', 'type', 'wifi', 'ifname', device, 'con-name', ssid, 'ssid', ssid]
        .concat(['connection.uuid', uuid, 'connection.autoconnect', 'no'])
        .concat(['802-11-wireless.hidden', hidden ? 'yes' : 'no'])
        .concat(chosen === null ? [] : ['wifi-sec.key-mgmt', chosen])
        .concat(chosen === null || chosen === 'owe' ? [] : ['wifi-sec.psk-flags', '0']),
    );
    if (exitCode !== 0) throw new WifiError('wifi-failed', ssid, stderr);
  }

  /** What the radio heard of it; of a network that it does not hear, what the passphrase tells. */
  async #securityOf(ssid: string, passphrase: string | undefined): Promise<WifiSecurity> {
    const heard = (await this.#heard('no')).find((network) => network.ssid === ssid)?.security;
    const security = heard ?? (passphrase === undefined ? 'open' : 'wpa');
    if (security === 'unsupported') throw new WifiError('wifi-unsupported', ssid);
    if (passphrase === undefined && (security === 'wpa' || security === 'wpa3'))
      throw new WifiError('wifi-wrong-passphrase', ssid);
    return security;
  }

  /**
   * Secrets go by a file that only this user reads: arguments are for everybody to see. A passphrase that is refused
   * nmcli gives again and again, until its time is over; each time NetworkManager asks for it the monitor says so.
   */
  async #up(uuid: string, secret: { device: string; passphrase: string } | undefined): Promise<NmcliAnswer> {
    const up = ['--wait', String(activationSeconds), 'connection', 'up', 'uuid', uuid];
    const timeoutMs = (activationSeconds + 5) * 1_000;
    if (secret === undefined) return await this.#nmcli.run(up, { timeoutMs });
    const file = join(this.#secretsDirectory, `wifi-${uuid}`);
    const refused = new AbortController();
    let asked = 0;
    const stop = this.#nmcli.watch(['device', 'monitor', secret.device], (line) => {
      if (line.endsWith('(need authentication)')) asked += 1;
      if (asked > maxTries) refused.abort();
    });
    try {
      await writeFile(file, passwordLine(pskProperty, secret.passphrase), { mode: 0o600, flag: 'wx' });
      const answer = await this.#nmcli.run([...up, 'passwd-file', file], {
        timeoutMs,
        signal: refused.signal,
      });
      return refused.signal.aborted ? { ...answer, exitCode: 4, stderr: refusedWords } : answer;
    } finally {
      stop();
      await rm(file, { force: true });
    }
  }

  /** The first radio that NetworkManager looks after. */
  async #device(): Promise<string | null> {
    const { exitCode, stdout } = await this.#nmcli.run([
      '--terse',
      '--fields',
      'DEVICE,TYPE,STATE',
      'device',
      'status',
    ]);
    if (exitCode !== 0) return null;
    const radio = terseRows(stdout).find(
      ([, type, state]) => type === 'wifi' && state !== 'unmanaged' && state !== 'unavailable',
    );
    return radio?.[0] ?? null;
  }

  async #heard(rescan: 'yes' | 'no'): Promise<HeardNetwork[]> {
    const list = ['--terse', '--fields', scanFields, 'device', 'wifi', 'list', '--rescan'];
    const answer = await this.#nmcli.run([...list, rescan], { timeoutMs: scanTimeoutMs });
    // A radio that is busy, say with the own access point, still knows what it heard before.
    const usable = answer.exitCode === 0 || rescan === 'no' ? answer : await this.#nmcli.run([...list, 'no']);
    return parseScan(usable.stdout);
  }

  /** One call for each: a name may have line ends in it, so each answer is one value and nothing else. */
  async #connections(): Promise<{ networks: SavedNetwork[]; accessPoints: SavedNetwork[] }> {
    const networks: SavedNetwork[] = [];
    const accessPoints: SavedNetwork[] = [];
    const listed = await this.#nmcli.run(['--terse', '--fields', 'UUID,TYPE,STATE', 'connection', 'show']);
    const rows = terseRows(listed.stdout).filter(([, type]) => type === '802-11-wireless');
    const known = new Map<string, { ssid: string; mode: string }>();
    for (const [uuid = '', , state] of rows.slice(0, maxSaved)) {
      const profile = this.#profiles.get(uuid) ?? (await this.#profile(uuid));
      if (profile === null) continue;
      known.set(uuid, profile);
      const target = profile.mode === 'ap' ? accessPoints : networks;
      target.push({ uuid, ssid: profile.ssid, active: state === 'activated' });
    }
    this.#profiles = known;
    return { networks, accessPoints };
  }

  async #profile(uuid: string): Promise<{ ssid: string; mode: string } | null> {
    const ssid = await this.#value(uuid, '802-11-wireless.ssid');
    const mode = await this.#value(uuid, '802-11-wireless.mode');
    return ssid === null || mode === null ? null : { ssid, mode };
  }

  async #value(uuid: string, property: string): Promise<string | null> {
    const show = ['--escape', 'no', '--get-values', property, 'connection', 'show', 'uuid', uuid];
    const { exitCode, stdout } = await this.#nmcli.run(show);
    return exitCode === 0 ? stdout.replace(/\n$/, '') : null;
  }
}
