import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
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
  async ask(name: 'hostname' | 'wifi-country', content: string): Promise<void> {
    await writeFile(join(this.#directory, name), `${content}\n`, { mode: 0o640 });
  }
}
