import { type NmcliRunner, terseRows } from './nmcli.ts';
import { type HeardNetwork, parseScan, scanFields } from './scan-list.ts';

const scanTimeoutMs = 20_000;

/** The radio that NetworkManager looks after. */
export class Radio {
  readonly #nmcli: NmcliRunner;

  constructor({ nmcli }: { nmcli: NmcliRunner }) {
    this.#nmcli = nmcli;
  }

  /** Its interface: "wlan0"; of several the first. */
  async device(): Promise<string | null> {
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

  /** What it heard last. */
  async heard(): Promise<HeardNetwork[]> {
    return parseScan((await this.#list('no')).stdout);
  }

  /** What it hears now; that takes seconds. A radio that is busy, say with the own access point, still knows the last. */
  async listen(): Promise<HeardNetwork[]> {
    const { exitCode, stdout } = await this.#list('yes');
    return exitCode === 0 ? parseScan(stdout) : await this.heard();
  }

  async #list(rescan: 'yes' | 'no') {
    const list = ['--terse', '--fields', scanFields, 'device', 'wifi', 'list', '--rescan', rescan];
    return await this.#nmcli.run(list, { timeoutMs: scanTimeoutMs });
  }
}
