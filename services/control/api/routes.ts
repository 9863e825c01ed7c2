import { randomUUID } from 'node:crypto';
import type { Broadcast } from '#core/domain/broadcast.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { Settings } from '#core/domain/settings.ts';
import { settingsPatch, tokenRequest } from '#core/protocol/api.ts';
import { sameSecret, type TokenKeeper } from '../access/token-keeper.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import { readJson, sendJson } from '../http/body.ts';
import type { RequestContext, Route } from '../http/router.ts';
import type { LinkHost } from '../link-host.ts';
import type { SettingsStore } from '../settings-store.ts';
import { neededDaemons, type StatusReport } from '../status.ts';
import type { EventStream } from './event-stream.ts';

interface Services {
  status: StatusReport;
  events: EventStream;
  broadcast: Broadcast;
  settingsStore: SettingsStore;
  settings: () => Settings;
  tokens: TokenKeeper;
  identity: ViewerIdentity;
  link: LinkHost;
}

/** The REST API of design.md's "Surfaces". */
export function apiRoutes(services: Services): Route[] {
  const { status, events, broadcast, settingsStore, link } = services;
  return [
    {
      method: 'GET',
      path: '/api/v1/status',
      handle: ({ response, authority }) => sendJson(response, 200, status.for(authority)),
    },
    { method: 'GET', path: '/api/v1/events', handle: (context) => events.handle(context) },
    {
      method: 'GET',
      path: '/api/v1/health',
      handle: ({ response }) => {
        const missing = neededDaemons.filter((name) => !link.has(name));
        const ready = missing.length === 0;
        sendJson(response, ready ? 200 : 503, { ready, missing });
      },
    },
    {
      method: 'POST',
      path: '/api/v1/broadcast',
      operator: true,
      handle: ({ response }) => {
        broadcast.start();
        sendJson(response, 202, status.body);
      },
    },
    {
      method: 'DELETE',
      path: '/api/v1/broadcast',
      operator: true,
      handle: ({ response }) => {
        broadcast.stop();
        sendJson(response, 202, status.body);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/settings',
      operator: true,
      handle: ({ response }) => sendJson(response, 200, settingsStore.readable),
    },
    {
      method: 'PATCH',
      path: '/api/v1/settings',
      operator: true,
      handle: async ({ request, response }) => {
        sendJson(response, 200, await settingsStore.patch(await readJson(request, settingsPatch)));
      },
    },
    {
      method: 'POST',
      path: '/api/v1/streams/:id/tokens',
      handle: (context) => issueToken(context, services),
    },
  ];
}

async function issueToken({ request, response, params }: RequestContext, services: Services): Promise<void> {
  const { tokens, identity, settings } = services;
  const { pin } = await readJson(request, tokenRequest);
  const { viewing, broadcast } = settings();
  if (params.id !== broadcast.streamId) {
    throw new OnairError('not-found', 'There is no stream of that id here.', {
      subject: 'stream',
      action: 'Take stream.id from GET /api/v1/status.',
    });
  }
  const viewer = await identity.identify(request);
  const pinShown = viewing.pin !== null && pin !== undefined && sameSecret(pin, viewing.pin);
  if (viewing.access === 'pin' && !viewer.admitted && !pinShown) {
    throw new OnairError(
      'unauthorized',
      pin === undefined ? 'Watching asks for a PIN here.' : 'That is not the PIN.',
    );
  }
  const viewerId = viewer.id ?? randomUUID();
  const issued = await tokens.issue({ viewerId, streamId: broadcast.streamId });
  const headers: Record<string, string> =
    viewing.access === 'pin' ? { 'set-cookie': identity.accessCookie(issued.token) } : {};
  sendJson(response, 201, { ...issued, viewerId }, headers);
}
