import {
  changeSettings,
  confirmSettings,
  getSettings,
  getSettingsSchema,
  type SettingsChange,
} from '#core/protocol/endpoints/settings.ts';
import type { MediaVerdict } from '../broadcast/media-verdict.ts';
import type { Route } from '../http/router.ts';
import { serve } from '../http/serve.ts';
import type { SettingsStore } from '../settings/settings-store.ts';
import { describeSettings } from './settings-description.ts';

/** `/api/v1/settings` (design.md, "Surfaces"): one schema for every surface. */
export function settingsRoutes(services: {
  settingsStore: SettingsStore;
  /** Keeps a wireless network that waited for it; whether one did. */
  confirmJoin?: () => boolean;
  verdict?: Pick<MediaVerdict, 'about'>;
}): Route[] {
  const { settingsStore, confirmJoin = () => false, verdict } = services;
  return [
    serve(getSettings, () => settingsStore.readable),
    serve(getSettingsSchema, () => ({ settings: describeSettings() })),
    serve(changeSettings, async ({ body, authority }) => {
      const change = await settingsStore.patch(body, { mayCutOff: authority === 'network' });
      return { ...change, notInUse: (await verdict?.about(change.changed)) ?? null };
    }),
    serve(confirmSettings, async () => {
      const joined = confirmJoin();
      return await settingsStore.confirm().catch((error): SettingsChange => {
        if (joined) return { changed: [], effect: 'address', confirmBy: null, notInUse: null };
        throw error;
      });
    }),
  ];
}
