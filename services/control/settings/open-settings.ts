import { join } from 'node:path';
import type { BootOutput } from '#core/domain/boot-settings.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { Closable } from '#core/runtime/daemon.ts';
import { Parts } from '#core/runtime/parts.ts';
import type { ControlContext } from '../start/context.ts';
import type { Start } from '../start/open-start.ts';
import { CardSettings, cardSettingsPath } from './card-settings.ts';
import { ProvenSettings } from './proven-settings.ts';
import { problemsOf } from './settings-problems.ts';
import { SettingsStore } from './settings-store.ts';

export interface OpenSettings extends Closable {
  store: SettingsStore;
  current: () => Settings;
  deviceId: () => string;
  /**
   * Calls `listener` after each change of settings whose keys begin so.
   * @param prefix `viewing.`, say; none for a change of any setting
   */
  watch: (prefix: string, listener: (changed: readonly string[]) => void) => void;
  readonly problems: readonly Problem[];
}

/**
 * What the box is set to: the stored settings, and what onair.toml on the card adds to them once. ONAIR_SETTINGS (JSON)
 * holds over both. Where control has fallen too often, the settings that last worked are put back.
 */
export async function openSettings({
  paths,
  environment,
  clock,
  logger,
  start,
  outputStore,
}: Omit<ControlContext, 'bundles'> & {
  start: Pick<Start, 'falls' | 'forgetFalls'>;
  /** Takes over the destinations that onair.toml names. */
  outputStore: { addNamed: (outputs: readonly BootOutput[]) => Promise<void> };
}): Promise<OpenSettings> {
  const parts = new Parts();
  const store = parts.own(
    new SettingsStore({
      path: join(paths.dataDirectory, 'settings.json'),
      clock,
      logger,
      overrides: JSON.parse(environment.settings),
    }),
  );
  await store.start();
  const proven = parts.own(
    new ProvenSettings({ dataDirectory: paths.dataDirectory, settingsStore: store, clock, logger }),
  );
  await proven.start({ falls: start.falls });
  const card = new CardSettings({
    path: cardSettingsPath(environment),
    paths,
    settingsStore: store,
    addOutputs: (found) => outputStore.addNamed(found),
    logger,
  });
  await card.apply();
  if (start.falls > 0) start.forgetFalls();
  store.events.on('settingsChanged', ({ changed }) => logger.info({ changed }, 'settings changed'));
  return {
    store,
    current: () => store.current,
    deviceId: () => store.current.device.id,
    watch: (prefix, listener) =>
      void store.events.on('settingsChanged', ({ changed }) => {
        if (changed.some((key) => key.startsWith(prefix))) listener(changed);
      }),
    get problems() {
      return [...problemsOf({ settingsStore: store, card }), ...proven.problems];
    },
    close: () => parts.close(),
  };
}
