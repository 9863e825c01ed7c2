import { z } from 'zod';
import { settingsChange, settingsPatch } from '#core/protocol/api.ts';
import { command } from './command.ts';

/** As `set`, for several at once: all of them or none. */
export const patchCommand = command({
  method: 'patch',
  summary: 'Change several settings, all of them or none: a JSON merge patch (RFC 7386)',
  programsOnly: true,
  arguments: [{ name: 'settings' }],
  params: z.strictObject({ settings: settingsPatch }),
  result: settingsChange,
  run: async ({ settings }, { box, signal }) => {
    const change = await box.call<z.infer<typeof settingsChange>>('PATCH', '/api/v1/settings', {
      body: settings,
      signal,
    });
    // This line does not depend on the network: who is on it can't be cut off.
    if (change.confirmBy !== null) await box.call('POST', '/api/v1/settings/confirm', { signal });
    return { ...change, confirmBy: null };
  },
  show: () => '',
});
