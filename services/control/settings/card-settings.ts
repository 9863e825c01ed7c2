import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type BootOutput,
  type BootSettings,
  bootProblemText,
  bootSettings,
  bootSettingsPath,
} from '#core/domain/boot-settings.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Environment } from '#core/runtime/environment.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Paths } from '#core/runtime/paths.ts';
import type { SettingsStore } from './settings-store.ts';

/** The appliance's; a box that was given a place of its own, as the demo, has no card. */
export function cardSettingsPath({ stateDirectory, bootSettings }: Environment): string | null {
  return bootSettings ?? (stateDirectory === null ? bootSettingsPath : null);
}

const appliedName = 'boot-settings-applied';

interface Deps {
  path: string | null;
  paths: Paths;
  settingsStore: Pick<SettingsStore, 'patch'>;
  /** Takes over the destinations of the file. */
  addOutputs: (outputs: readonly BootOutput[]) => Promise<void>;
  logger: Logger;
}

/** Takes over what onair.toml on the card says: the settings in it once, its mistakes for who looks after the box. */
export class CardSettings {
  readonly #deps: Deps;
  #problems: Problem[] = [];

  /** @param options.path what the reader of the file left at boot; null where nobody reads one, as in the demo */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** Mistakes in the file. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  /** Once, after the settings are read. */
  async apply(): Promise<void> {
    const found = await this.#read();
    if (found === null) return;
    this.#problems = found.problems.map((problem) => ({
      code: 'onair-toml',
      message: bootProblemText({ ...problem, action: '' }).trim(),
      action: problem.action,
    }));
    if (found.patch === null || (await this.#isApplied(found.digest))) return;
    try {
      const { changed } = await this.#deps.settingsStore.patch(found.patch);
      await this.#deps.addOutputs(found.outputs);
      this.#deps.logger.info(
        { changed, outputs: found.outputs.length },
        'the settings of onair.toml are applied',
      );
      await this.#remember(found.digest);
    } catch (error) {
      if (!(error instanceof OnairError)) throw error;
      this.#deps.logger.error({ err: error }, 'the settings of onair.toml could not be applied');
      this.#problems.push({ code: 'onair-toml', message: error.message, action: error.action ?? '' });
    }
  }

  async #read(): Promise<BootSettings | null> {
    if (this.#deps.path === null) return null;
    const text = await readFile(this.#deps.path, 'utf8').catch(() => null);
    if (text === null) return null;
    try {
      return bootSettings.parse(JSON.parse(text));
    } catch (error) {
      this.#deps.logger.error({ err: error }, 'what was read of onair.toml at boot cannot be used');
      return null;
    }
  }

  /** This text, at this start or an earlier one: what was changed in the studio since then holds. */
  async #isApplied(digest: string): Promise<boolean> {
    for (const folder of [this.#deps.paths.dataDirectory, this.#deps.paths.runtimeDirectory]) {
      const applied = await readFile(join(folder, appliedName), 'utf8').catch(() => '');
      if (applied.trim() === digest) return true;
    }
    return false;
  }

  /** On the card, else in memory: a control that starts again must not apply it again. */
  async #remember(digest: string): Promise<void> {
    const { dataDirectory, runtimeDirectory } = this.#deps.paths;
    try {
      await writeFile(join(dataDirectory, appliedName), `${digest}\n`, { mode: 0o600, flush: true });
      await rm(join(dataDirectory, 'boot-settings-pending.json'), { force: true });
    } catch {
      await writeFile(join(runtimeDirectory, appliedName), `${digest}\n`, { mode: 0o600 }).catch(() => {});
    }
  }
}
