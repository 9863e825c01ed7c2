import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { Clock } from '#core/domain/clock.ts';
import { isObject, type JsonObject } from '#core/domain/json.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { DurableFile } from '../storage/durable-file.ts';
import type { SettingsStore } from './settings-store.ts';

/** Settings with which control has served for so long are settings that work. */
const provenAfterMs = 60_000;

const setAside = z.object({ changed: z.array(z.string()) });

interface Deps {
  dataDirectory: string;
  settingsStore: SettingsStore;
  clock: Clock;
  logger: Logger;
}

/**
 * Remembers the last settings that control worked with (`settings.proven.json`), and puts them back where control has
 * fallen again and again with newer ones, which are kept aside (`settings.failed.json`).
 */
export class ProvenSettings {
  readonly #deps: Deps;
  readonly #file: DurableFile<JsonObject>;
  readonly #failedPath: string;
  #problems: Problem[] = [];
  #cancel: () => void = () => {};

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#failedPath = join(deps.dataDirectory, 'settings.failed.json');
    this.#file = new DurableFile<JsonObject>({
      path: join(deps.dataDirectory, 'settings.proven.json'),
      check: (value) => {
        if (!isObject(value)) throw new Error('it is not a JSON object');
        return value;
      },
      onTorn: ({ path, problem }) =>
        deps.logger.warn({ path, problem }, 'the proven settings cannot be used'),
    });
  }

  /** @param options.falls how often control has fallen within the last minute, where that is too often; else 0 */
  async start(options: { falls: number }): Promise<void> {
    if (options.falls > 0) await this.#putBack(options.falls);
    else await this.#recall();
    this.#deps.settingsStore.events.on('settingsChanged', () => {
      this.#problems = [];
      void rm(this.#failedPath, { force: true }).catch(() => {});
      this.#watch();
    });
    this.#watch();
  }

  /** That settings were put back, until somebody sets something. */
  get problems(): readonly Problem[] {
    return this.#problems;
  }

  close(): void {
    this.#cancel();
  }

  #watch(): void {
    this.#cancel();
    this.#cancel = this.#deps.clock.after(provenAfterMs, () => void this.#prove());
  }

  async #prove(): Promise<void> {
    const proven = this.#deps.settingsStore.stored;
    if (JSON.stringify(await this.#file.read()) === JSON.stringify(proven)) return; // spares the card a write
    await this.#file.write(proven).catch((error) => {
      this.#deps.logger.warn({ err: error }, 'the settings that work could not be remembered');
    });
  }

  async #putBack(falls: number): Promise<void> {
    const failed = this.#deps.settingsStore.stored;
    const { changed } = await this.#deps.settingsStore.putBack(await this.#file.read());
    this.#deps.logger.error(
      { falls, changed },
      'control fell again and again: the last settings that worked hold',
    );
    this.#problems = [fellProblem(changed)];
    if (changed.length === 0) return;
    const text = JSON.stringify({ changed, settings: failed }, null, 2);
    await writeFile(this.#failedPath, `${text}\n`, { mode: 0o600 }).catch(() => {});
  }

  /** A later start still says what an earlier one has put back. */
  async #recall(): Promise<void> {
    const text = await readFile(this.#failedPath, 'utf8').catch(() => null);
    if (text === null) return;
    try {
      this.#problems = [fellProblem(setAside.parse(JSON.parse(text)).changed)];
    } catch {
      this.#problems = [fellProblem([])];
    }
  }
}

function fellProblem(changed: readonly string[]): Problem {
  if (changed.length === 0)
    return {
      code: 'control-fell',
      message: 'Control fell three times within a minute, with settings that had worked before.',
      action: 'See onair logs for the cause, and report it.',
    };
  return {
    code: 'settings-put-back',
    message: `Control fell three times within a minute: the last settings that worked hold again (${changed.join(', ')}).`,
    action:
      'Set them again one at a time. What was set is kept in settings.failed.json, see onair logs for the cause.',
  };
}
