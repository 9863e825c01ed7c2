import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * What control may not do itself it asks for by a file that a unit of the system watches (systemd.path(5)): there is
 * such a folder on the appliance, and none in the demo.
 */
export class SystemRequests {
  readonly #directory: string;

  /** @param options.directory "/run/onair/requests" */
  constructor(options: { directory: string }) {
    this.#directory = options.directory;
  }

  /** Whether anybody would hear. */
  get heard(): boolean {
    return existsSync(this.#directory);
  }

  /** @param name what is asked for, with which content @throws Error where it can't be written */
  async ask(
    name: 'hostname' | 'wifi-country' | 'screen' | 'clock' | 'time-zone',
    content: string,
  ): Promise<void> {
    const path = join(this.#directory, name);
    // It appears whole: the unit looks as soon as there is a file.
    await writeFile(`${path}.tmp`, `${content}\n`, { mode: name === 'screen' ? 0o600 : 0o640 });
    await rename(`${path}.tmp`, path);
  }
}
