import { readFileSync, statSync } from 'node:fs';
import type { NmcliAnswer, NmcliRunner } from '#control/network/wifi/nmcli.ts';

/** A network in reach of the radio that is not there. */
export interface FakeNetwork {
  ssid: string;
  /** Other bytes than the name's. */
  hex?: string;
  signal: number;
  /** nmcli's words: "WPA2", "WPA2 WPA3", "WEP", or none. */
  security: string;
  passphrase: string | null;
  hidden?: boolean;
  withoutAddress?: boolean;
}

export interface FakeConnection {
  uuid: string;
  ssid: string;
  mode: string;
  keyManagement: string | null;
  hidden: boolean;
  autoconnect: boolean;
  psk: string | null;
  active: boolean;
}

const keyManagementProperty = '802-11-wireless-security.key-mgmt';
const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll(':', '\\:');
const lines = (rows: readonly (readonly string[])[]): string =>
  rows.map((row) => `${row.map(escaped).join(':')}\n`).join('');

/**
 * Stands in for nmcli where there is no radio: its words and exit codes are those of NetworkManager 1.42's, recorded
 * from nmcli itself, or read in its source where a radio would have been needed. What it does not know it refuses.
 */
export class FakeNmcli implements NmcliRunner {
  running = true;
  radio = true;
  /** Whether the radio has listened since it was switched on. */
  heardAny = true;
  networks: readonly FakeNetwork[];
  connections: FakeConnection[] = [];
  /** Each argument vector that it was run with. */
  readonly asked: string[][] = [];

  constructor({ networks = [] }: { networks?: readonly FakeNetwork[] } = {}) {
    this.networks = networks;
  }

  /** Who watches the radio. */
  readonly #watching = new Set<(line: string) => void>();

  watch(args: readonly string[], onLine: (line: string) => void): () => void {
    this.asked.push([...args]);
    if (args.join(' ') !== 'device monitor wlan0') throw new Error(`not known: nmcli ${args.join(' ')}`);
    this.#watching.add(onLine);
    return () => this.#watching.delete(onLine);
  }

  get watched(): boolean {
    return this.#watching.size > 0;
  }

  async run(args: readonly string[], { signal }: { signal?: AbortSignal } = {}): Promise<NmcliAnswer> {
    this.asked.push([...args]);
    if (args.some((argument) => argument.includes('\0'))) return bad('an argument has a zero byte');
    if (!this.running) return { exitCode: 8, stdout: '', stderr: 'Error: NetworkManager is not running.\n' };
    const said = args.join(' ');
    if (said === '--terse --fields DEVICE,TYPE,STATE device status') return good(this.#devices());
    const list =
      /^--terse --fields IN-USE,SSID-HEX,SIGNAL,SECURITY,MODE device wifi list --rescan (yes|no)$/.exec(said);
    if (list) {
      this.heardAny ||= list[1] === 'yes' || this.connections.some(({ active }) => active);
      return good(this.heardAny ? this.#heard() : '');
    }
    if (said === '--terse --fields UUID,TYPE,STATE connection show') return good(this.#shown());
    if (args[0] === 'connection' && args[1] === 'add') return this.#add(args);
    const known = this.connections.find(({ uuid }) => uuid === after(args, 'uuid'));
    if (!known)
      return { exitCode: 10, stdout: '', stderr: `Error: unknown connection '${after(args, 'uuid')}'.\n` };
    if (/^--escape no --get-values \S+ connection show uuid \S+$/.test(said))
      return good(`${shownOf(known, args[3] ?? '')}\n`);
    if (args[0] === 'connection' && args[1] === 'modify') {
      known.autoconnect = after(args, 'connection.autoconnect') === 'yes';
      known.keyManagement = after(args, keyManagementProperty) ?? known.keyManagement;
      return good('');
    }
    if (args[0] === 'connection' && args[1] === 'delete') {
      this.connections = this.connections.filter((one) => one !== known);
      return good(`Connection '${known.ssid}' (${known.uuid}) successfully deleted.\n`);
    }
    if (/^--wait \d+ connection up uuid \S+( passwd-file \S+)?$/.test(said))
      return this.#up(known, args, signal);
    return bad(`argument '${args[0]}' not understood. Try passing --help instead.`);
  }

  /**
   * Whether NetworkManager brings a network up by itself, say after a restart: only with a connection that it finds
   * compatible with what the radio heard (nm_setting_wireless_ap_security_compatible).
   */
  comesUpByItself(ssid: string): boolean {
    const words = this.networks.find((network) => network.ssid === ssid)?.security.split(' ') ?? [];
    const isCompatible = ({ keyManagement, hidden }: FakeConnection): boolean =>
      hidden ||
      words.includes(keyManagement === 'sae' ? 'WPA3' : 'WPA2') ||
      (keyManagement === null && words.join() === '');
    return this.connections.some((one) => one.ssid === ssid && one.autoconnect && isCompatible(one));
  }

  #devices(): string {
    const state = this.connections.some(({ active }) => active) ? 'connected' : 'disconnected';
    const radio = [
      ['p2p-dev-wlan0', 'wifi-p2p', 'disconnected'],
      ['wlan0', 'wifi', state],
    ];
    const others = [
      ['eth0', 'ethernet', 'unavailable'],
      ['lo', 'loopback', 'unmanaged'],
    ];
    return lines([...(this.radio ? radio : []), ...others]);
  }

  #heard(): string {
    const active = this.connections.find((one) => one.active && one.mode !== 'ap');
    return lines(
      this.networks.map(({ ssid, hex, hidden, signal, security }) => [
        active?.ssid === ssid ? '*' : ' ',
        hidden && active?.ssid !== ssid ? '' : (hex ?? Buffer.from(ssid).toString('hex').toUpperCase()),
        String(signal),
        security,
        'Infra',
      ]),
    );
  }

  #shown(): string {
    const radio = this.connections.map(({ uuid, active }) => [
      uuid,
      '802-11-wireless',
      active ? 'activated' : '',
    ]);
    return lines([...radio, ['5f0c2c3a-5b4e-3c7a-9d2f-0d6d3c1a7b11', '802-3-ethernet', '']]);
  }

  #add(args: readonly string[]): NmcliAnswer {
    const uuid = after(args, 'connection.uuid') ?? '';
    this.connections.push({
      uuid,
      ssid: after(args, 'ssid') ?? '',
      mode: after(args, '802-11-wireless.mode') ?? 'infrastructure',
      keyManagement: after(args, 'wifi-sec.key-mgmt'),
      hidden: after(args, '802-11-wireless.hidden') === 'yes',
      autoconnect: after(args, 'connection.autoconnect') === 'yes',
      psk: null,
      active: false,
    });
    return good(`Connection '${after(args, 'con-name')}' (${uuid}) successfully added.\n`);
  }

  /** A wrong passphrase from a file is given again and again: nmcli 1.52 does so until it is ended. */
  #up(wanted: FakeConnection, args: readonly string[], signal?: AbortSignal): NmcliAnswer {
    const file = after(args, 'passwd-file');
    if (file !== null) wanted.psk = secretIn(file);
    const failure = wanted.mode === 'ap' ? accessPointFailure(wanted) : this.#joinFailure(wanted);
    for (const one of this.connections) one.active = false;
    if (file !== null && failure?.startsWith('(7)')) {
      for (let round = 0; round < 12 && !signal?.aborted; round += 1)
        for (const step of ['prepare', 'configuring', 'need authentication'])
          for (const onLine of this.#watching) onLine(`wlan0: connecting (${step})`);
      return { exitCode: 3, stdout: '', stderr: 'Error: Timeout expired (60 seconds)\n' };
    }
    if (file !== null) for (const onLine of this.#watching) onLine('wlan0: connecting (need authentication)');
    if (failure !== null)
      return { exitCode: 4, stdout: '', stderr: `Error: Connection activation failed: ${failure}\n` };
    wanted.active = true;
    return good(
      'Connection successfully activated (D-Bus active path: /org/freedesktop/NetworkManager/ActiveConnection/7)\n',
    );
  }

  #joinFailure({ ssid, hidden, keyManagement, psk }: FakeConnection): string | null {
    const network = this.networks.find((one) => one.ssid === ssid);
    const wantsKey = network?.passphrase !== null;
    // `wpa-psk` offers WPA3 too, `sae` nothing else.
    const isOffered = keyManagement !== 'sae' || network?.security.includes('WPA3');
    if (!network || (network.hidden && !hidden) || wantsKey !== (keyManagement !== null) || !isOffered)
      return '(53) The Wi-Fi network could not be found.';
    if (wantsKey && psk !== network.passphrase) return '(7) Secrets were required, but not provided.';
    return network.withoutAddress
      ? '(5) IP configuration could not be reserved (no available address, timeout, etc.).'
      : null;
  }
}

function shownOf({ ssid, mode, keyManagement }: FakeConnection, property: string): string {
  if (property === '802-11-wireless.ssid') return ssid;
  return property === keyManagementProperty ? (keyManagement ?? '') : mode;
}

function accessPointFailure({ psk }: FakeConnection): string | null {
  return (psk ?? '').length < 8 ? '(7) Secrets were required, but not provided.' : null;
}

/** A line of a passwd-file, as nmc_utils_parse_passwd_file reads it. */
function secretIn(file: string): string {
  if ((statSync(file).mode & 0o077) !== 0) throw new Error('others could read the secret');
  const [line = ''] = readFileSync(file, 'utf8').split('\n');
  const name = '802-11-wireless-security.psk:';
  if (!line.startsWith(name)) throw new Error(`invalid passwd-file: ${line}`);
  return line
    .slice(name.length)
    .replace(/^[ \t]+/, '')
    .replace(/(?<!\\)[ \t]+$/, '')
    .replace(/\\t/g, '\t')
    .replace(/\\(.)/g, '$1');
}

function after(args: readonly string[], word: string): string | null {
  const at = args.indexOf(word);
  return at < 0 ? null : (args[at + 1] ?? null);
}

function good(stdout: string): NmcliAnswer {
  return { exitCode: 0, stdout, stderr: '' };
}

function bad(problem: string): NmcliAnswer {
  return { exitCode: 2, stdout: '', stderr: `Error: ${problem}\n` };
}
