import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { OnairError } from '#core/domain/errors.ts';
import type { Settings } from '#core/domain/settings.ts';
import { followStatus, getHealth, getStatus } from '#core/protocol/endpoints/box.ts';
import { startBroadcast, stopBroadcast } from '#core/protocol/endpoints/broadcast.ts';
import { issueToken } from '#core/protocol/endpoints/watching.ts';
import { sameSecret } from '#core/runtime/same-secret.ts';
import type { PinGuesses } from '../access/pin-guesses.ts';
import type { TokenKeeper } from '../access/token-keeper.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import type { BroadcastDirector } from '../broadcast/broadcast-director.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import { noGrant } from '../domain/grant.ts';
import { mayOperate, type Route } from '../http/router.ts';
import { answer, type Served, serve, streamed } from '../http/serve.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { EventStream } from '../status/event-stream.ts';
import { neededDaemons, type StatusReport } from '../status/status.ts';

interface Services {
  status: StatusReport;
  events: EventStream;
  broadcast: Broadcast;
  audience: Pick<Audience, 'isBanned'>;
  director: Pick<BroadcastDirector, 'webrtcLoad'>;
  settings: () => Settings;
  tokens: TokenKeeper;
  pins: PinGuesses;
  identity: ViewerIdentity;
  link: LinkHost;
}

/** The REST API of design.md's "Surfaces". */
export function apiRoutes(services: Services): Route[] {
  const { status, events, broadcast, link } = services;
  return [
    serve(getStatus, async (asked) => {
      const body = status.for(mayOperate(asked));
      if (asked.authority === 'link') return body;
      return { ...body, viewer: await standing(asked.request, services) };
    }),
    serve(followStatus, async (asked) => {
      if (asked.authority === 'link') events.handle(asked);
      else {
        const viewer = await services.identity.identify(asked.request).catch(() => null);
        events.handle(asked, viewer?.grant ?? noGrant);
      }
      return streamed;
    }),
    serve(getHealth, () => {
      const missing = neededDaemons.filter((name) => !link.has(name));
      const ready = missing.length === 0;
      return answer(ready ? 200 : 503, { ready, missing });
    }),
    serve(startBroadcast, () => {
      broadcast.start();
      return status.body;
    }),
    serve(stopBroadcast, () => {
      broadcast.stop();
      return status.body;
    }),
    serve(issueToken, (asked) => tokenFor(asked, services)),
  ];
}

/** Whether who asks may watch. */
async function standing(request: IncomingMessage, { identity, audience, director, settings }: Services) {
  const viewer = await identity.admit(request).catch(() => null);
  const id = viewer?.id ?? identity.fallbackId(request);
  const removed = audience.isBanned(id, request.socket.remoteAddress ?? '');
  const link = director.webrtcLoad?.viewers.find(({ user_id }) => user_id === id);
  return {
    admitted: viewer !== null,
    ...(viewer !== null && settings().viewing.recordings ? { recordings: true } : {}),
    ...(removed ? { removed } : {}),
    ...(link?.keyFramesOnly ? { keyFramesOnly: true } : {}),
  };
}

async function tokenFor({ request, params, body }: Served<typeof issueToken>, services: Services) {
  const { tokens, pins, identity, settings } = services;
  const { pin } = body;
  const { viewing, broadcast } = settings();
  if (params.id !== broadcast.streamId) {
    throw new OnairError('not-found', 'There is no stream of that id here.', {
      subject: 'stream',
      action: 'Take stream.id from GET /api/v1/status.',
    });
  }
  const viewer = await identity.identify(request);
  let { grant } = viewer;
  if (viewing.access === 'pin' && !viewer.admitted) {
    if (pin === undefined) throw new OnairError('unauthorized', 'Watching asks for a PIN here.');
    const address = request.socket.remoteAddress ?? '';
    pins.allow(address);
    if (viewing.pin === null || !sameSecret(pin, viewing.pin)) {
      pins.count(address);
      throw new OnairError('unauthorized', 'That is not the PIN.');
    }
    grant = identity.pinGrant;
  }
  const viewerId = viewer.id ?? randomUUID();
  const claims = { viewerId, streamId: broadcast.streamId, ...grant };
  const issued = await tokens.issue(claims);
  const headers: Record<string, string> =
    viewing.access === 'pin' ? { 'set-cookie': await identity.accessCookie(request, claims) } : {};
  return answer(201, { ...issued, viewerId }, headers);
}
