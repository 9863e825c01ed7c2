import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { Migration } from '#control/settings/settings-migrations.ts';
import { SettingsStore } from '#control/settings/settings-store.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { DrivenClock } from './driven-clock.ts';

export const streamId = '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f';
export const identity = { device: { id: 'box-1' }, broadcast: { streamId }, ingest: { key: 'sender-key-1' } };

/** A store in a folder with these files; `log` has what it told its logger. */
export async function openedSettings(
  t: Test,
  files: Record<string, unknown> = {},
  overrides = {},
  migrations?: readonly Migration[],
) {
  const texts = Object.entries(files).map(([name, content]) => [
    name,
    typeof content === 'string' ? content : JSON.stringify(content),
  ]);
  const path = join(t.testdir(Object.fromEntries(texts)), 'settings.json');
  const log: { message: string; details: string }[] = [];
  const logger = createLogger('test', 'silent');
  logger.error = (details: unknown, message?: unknown) => {
    log.push({ message: String(message), details: JSON.stringify(details) });
  };
  const clock = new DrivenClock();
  const open = async (): Promise<SettingsStore> => {
    const store = new SettingsStore({
      path,
      clock,
      logger,
      overrides,
      ...(migrations ? { migrations } : {}),
    });
    t.teardown(() => store.close());
    await store.start();
    return store;
  };
  const store = await open();
  const told: (readonly string[])[] = [];
  store.events.on('settingsChanged', ({ changed }) => told.push(changed));
  const stored = async (name = 'settings.json') => JSON.parse(await readFile(join(path, '..', name), 'utf8'));
  return { store, open, told, log, stored, clock, folder: join(path, '..') };
}
