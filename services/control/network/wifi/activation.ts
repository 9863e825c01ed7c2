import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type NmcliAnswer, type NmcliRunner, passwordLine } from './nmcli.ts';

/** Association, the keys, and an address: each has its own shorter limit inside NetworkManager. */
const activationSeconds = 60;
/** With a weak signal a right passphrase may fail once. */
const maxTries = 2;
/** What nmcli says of it where nobody gives the passphrase again. */
const refusedWords = 'Error: Connection activation failed: (7) Secrets were required, but not provided.';
const pskProperty = '802-11-wireless-security.psk';

/** Brings connections up, with a passphrase where they need one. */
export class Activation {
  readonly #nmcli: NmcliRunner;
  readonly #secretsDirectory: string;

  /** @param options.secretsDirectory where a passphrase stands, mode 0600, for as long as one command runs: in memory */
  constructor(options: { nmcli: NmcliRunner; secretsDirectory: string }) {
    this.#nmcli = options.nmcli;
    this.#secretsDirectory = options.secretsDirectory;
  }

  /**
   * Secrets go by a file that only this user reads: arguments are for everybody to see. A passphrase that is refused
   * nmcli gives again and again, until its time is over; each time NetworkManager asks for it the monitor says so.
   */
  async up(uuid: string, secret?: { device: string; passphrase: string }): Promise<NmcliAnswer> {
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
}
