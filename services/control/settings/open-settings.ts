import { join } from 'node:path';
import type { BootOutput } from '#core/domain/boot-settings.ts';
import type { Clock } from '#core/domain/clock.ts';
import type { Reason } from '#core/domain/media.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import { environmentFrom } from '#core/runtime/environment.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { Paths } from '#core/runtime/paths.ts';
import { CardSettings, cardSettingsPath } from './card-settings.ts';
import { ProvenSettings } from './proven-settings.ts';
import { problemsOf } from './settings-problems.ts';
import { SettingsStore } from './settings-store.ts';

/**
 * What the box is set to: the stored settings, and what onair.toml on the card adds to them once. ONAIR_SETTINGS (JSON)
 * holds over both.
 */
export async function openSettings(options: {
  paths: Paths;
  clock: Clock;
  logger: Logger;
  own: (part: Closable) => void;
  /** How often control has fallen, where that is so often that settings may be to blame; else 0. */
  falls: number;
  /** Takes over the destinations that onair.toml names. */
  addOutputs: (outputs: readonly BootOutput[]) => Promise<void>;
}): Promise<{ settingsStore: SettingsStore; settings: () => Settings; problems: () => Reason[] }> {
  const { paths, clock, logger, own, falls, addOutputs } = options;
  const environment = environmentFrom(process.env);
  const settingsStore = new SettingsStore({
    path: join(paths.dataDirectory, 'settings.json'),
    clock,
    logger,
    overrides: JSON.parse(environment.settings),
  });
  own(settingsStore);
  await settingsStore.start();
  const proven = new ProvenSettings({ dataDirectory: paths.dataDirectory, settingsStore, clock, logger });
  own(proven);
  await proven.start({ falls });
  const card = new CardSettings({
    path: cardSettingsPath(environment),
    ...{ paths, settingsStore, addOutputs, logger },
  });
  await card.apply();
  return {
    settingsStore,
    settings: () => settingsStore.current,
    problems: () => [...problemsOf({ settingsStore, card }), ...proven.problems],
  };
}
