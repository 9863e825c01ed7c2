import { settingsSchema } from '#core/domain/settings.ts';
import { settingsChange, settingsPatch } from '#core/protocol/api.ts';
import { settingsSchemaBody } from '#core/protocol/operator-api.ts';
import { readJson, sendJson } from '../http/body.ts';
import type { Route } from '../http/router.ts';
import type { SettingsStore } from '../settings/settings-store.ts';
import { describeSettings } from './settings-description.ts';

const path = '/api/v1/settings';
const tag = 'settings';

/** `/api/v1/settings` (design.md, "Surfaces"): one schema for every surface. */
export function settingsRoutes(services: {
  settingsStore: SettingsStore;
  /** Keeps a wireless network that waited for it; whether one did. */
  confirmJoin?: () => boolean;
}): Route[] {
  const { settingsStore, confirmJoin = () => false } = services;
  return [
    {
      method: 'GET',
      path,
      operator: true,
      doc: {
        tag,
        summary: 'All settings; of a secret only whether it is set',
        answers: { 200: settingsSchema },
      },
      handle: ({ response }) => sendJson(response, 200, settingsStore.readable),
    },
    {
      method: 'GET',
      path: `${path}/schema`,
      operator: true,
      doc: {
        tag,
        summary: 'What there is to set: type, bounds, default, meaning, and what a change takes',
        answers: { 200: settingsSchemaBody },
      },
      handle: ({ response }) => sendJson(response, 200, { settings: describeSettings() }),
    },
    {
      method: 'PATCH',
      path,
      operator: true,
      doc: {
        tag,
        summary: 'Changes settings, all of them or none: a JSON merge patch (RFC 7386) of Settings',
        description:
          'null puts a setting back to its default. 400 names each key at fault. A change of the effect `address` that ' +
          'comes over the network holds until `confirmBy`; it is taken back unless it is confirmed until then, since who ' +
          'made it may have lost the box by it.',
        request: settingsPatch,
        answers: { 200: settingsChange },
      },
      handle: async ({ request, response, authority }) => {
        const patch = await readJson(request, settingsPatch);
        sendJson(response, 200, await settingsStore.patch(patch, { mayCutOff: authority === 'network' }));
      },
    },
    {
      method: 'POST',
      path: `${path}/confirm`,
      operator: true,
      doc: {
        tag,
        summary: 'Keeps a change whose answer had `confirmBy`: who asks still reaches the box',
        description: '409 where none waits: it was confirmed, or taken back.',
        answers: { 200: settingsChange },
      },
      handle: async ({ response }) => {
        const joined = confirmJoin();
        const kept = await settingsStore.confirm().catch((error) => {
          if (joined) return { changed: [], effect: 'address', confirmBy: null };
          throw error;
        });
        sendJson(response, 200, kept);
      },
    },
  ];
}
