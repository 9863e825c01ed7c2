import { z } from 'zod';
import { changeSettings, settingsChange, settingsPatch } from '#core/protocol/endpoints/settings.ts';
import { command } from '#operator/command.ts';

/** As `set`, for several at once: all of them or none. */
export const patchCommand = command({
  method: 'patch',
  summary: 'Change several settings, all of them or none: a JSON merge patch (RFC 7386)',
  programsOnly: true,
  arguments: [{ name: 'settings' }],
  params: z.strictObject({ settings: settingsPatch }),
  result: settingsChange,
  run: async ({ settings }, { box, signal }) => await box.call(changeSettings, { body: settings, signal }),
  show: () => '',
});
