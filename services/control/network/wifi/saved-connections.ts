import { type NmcliAnswer, type NmcliRunner, terseRows } from './nmcli.ts';

const maxSaved = 64;

/** A Wi-Fi connection that NetworkManager knows. */
export interface SavedConnection {
  uuid: string;
  ssid: string;
  active: boolean;
}

/** NetworkManager's Wi-Fi connections. They go by UUID: a name is whatever somebody called their network. */
export class SavedConnections {
  readonly #nmcli: NmcliRunner;
  /** What does not change as long as its UUID lives: each answer of nmcli costs a process. */
  #profiles = new Map<string, { ssid: string; mode: string }>();

  constructor({ nmcli }: { nmcli: NmcliRunner }) {
    this.#nmcli = nmcli;
  }

  /** One call for each: a name may have line ends in it, so each answer is one value and nothing else. */
  async list(): Promise<{ networks: SavedConnection[]; accessPoints: SavedConnection[] }> {
    const networks: SavedConnection[] = [];
    const accessPoints: SavedConnection[] = [];
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

  /** One property of a connection; null where it has none. */
  async value(uuid: string, property: string): Promise<string | null> {
    const show = ['--escape', 'no', '--get-values', property, 'connection', 'show', 'uuid', uuid];
    const { exitCode, stdout } = await this.#nmcli.run(show);
    return exitCode === 0 ? stdout.replace(/\n$/, '') : null;
  }

  /** @param changes property, value, property, value … */
  async modify(uuid: string, changes: readonly string[]): Promise<void> {
    await this.#nmcli.run(['connection', 'modify', 'uuid', uuid, ...changes]);
  }

  async delete(uuid: string): Promise<NmcliAnswer> {
    return await this.#nmcli.run(['connection', 'delete', 'uuid', uuid]);
  }

  async #profile(uuid: string): Promise<{ ssid: string; mode: string } | null> {
    const ssid = await this.value(uuid, '802-11-wireless.ssid');
    const mode = await this.value(uuid, '802-11-wireless.mode');
    return ssid === null || mode === null ? null : { ssid, mode };
  }
}
