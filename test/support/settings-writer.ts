import { SettingsStore } from '#control/settings/settings-store.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';

// A process for settings-killed.test.ts: opens the settings, changes one, and says so once that is acknowledged.
const [path = '', maxViewers = ''] = process.argv.slice(2);
const store = new SettingsStore({ path, clock, logger: createLogger('writer', 'silent') });
await store.start();
process.stdout.write('opened\n');
try {
  await store.patch({ viewing: { maxViewers: Number(maxViewers) } });
  process.stdout.write('acknowledged\n');
} catch {
  process.stdout.write('refused\n');
}
process.exit(0);
