import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { OnairError } from '#core/domain/errors.ts';
import type { Settings } from '#core/domain/settings.ts';
import { healthBody, statusBody, tokenBody, tokenRequest } from '#core/protocol/api.ts';
import { startBroadcast, stopBroadcast } from '#core/protocol/endpoints/broadcast.ts';
import type { PinGuesses } from '../access/pin-guesses.ts';
import { sameSecret, type TokenKeeper } from '../access/token-keeper.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import { noGrant } from '../domain/grant.ts';
import { readJson, sendJson } from '../http/body.ts';
import { mayOperate, type RequestContext, type Route } from '../http/router.ts';
import { serve } from '../http/serve.ts';
import type { LinkHost } from '../link/link-host.ts';
import type { EventStream } from './event-stream.ts';
import { neededDaemons, type StatusReport } from './status.ts';

interface Services {
  status: StatusReport;
  events: EventStream;
  broadcast: Broadcast;
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
    {
      method: 'GET',
      path: '/api/v1/status',
      doc: {
        tag: 'box',
        summary: 'What the box is and does',
        description:
          'For operators and on the own socket also `daemons`, `advancing`, `ports` and `issueReports` (LinkStatus).',
        answers: { 200: statusBody },
      },
      handle: async (context) => {
        const { request, response, authority } = context;
        const body = status.for(mayOperate(context));
        const viewer =
          authority === 'link' ? {} : { viewer: { admitted: await mayWatch(request, services) } };
        sendJson(response, 200, { ...body, ...viewer });
      },
    },
    {
      method: 'GET',
      path: '/api/v1/events',
      doc: {
        tag: 'box',
        summary: 'Server-sent events: `status` with a Status, at once and on every change',
        description:
          'Changes within 20 ms are one event; a comment every 15 s keeps the connection. 200 listeners at most.',
        answers: { 200: { type: 'text/event-stream' } },
      },
      handle: async (context) => {
        const { request, authority } = context;
        if (authority === 'link') return events.handle(context);
        const viewer = await services.identity.identify(request).catch(() => null);
        events.handle(context, viewer?.grant ?? noGrant);
      },
    },
    {
      method: 'GET',
      path: '/api/v1/health',
      doc: {
        tag: 'box',
        summary: 'Whether all daemons are there, live or not',
        answers: { 200: healthBody, 503: healthBody },
      },
      handle: ({ response }) => {
        const missing = neededDaemons.filter((name) => !link.has(name));
        const ready = missing.length === 0;
        sendJson(response, ready ? 200 : 503, { ready, missing });
      },
    },
    serve(startBroadcast, () => {
      broadcast.start();
      return status.body;
    }),
    serve(stopBroadcast, () => {
      broadcast.stop();
      return status.body;
    }),
    {
      method: 'POST',
      path: '/api/v1/streams/:id/tokens',
      doc: {
        tag: 'watching',
        summary: 'A viewer token (JWT): opens Nova, /ws/viewer and WHEP',
        description:
          '`pin` is asked for where watching takes one. Without a cookie of the box it makes a new viewer.',
        request: tokenRequest,
        answers: { 201: tokenBody },
      },
      handle: (context) => issueToken(context, services),
    },
  ];
}

async function mayWatch(request: IncomingMessage, { identity }: Services): Promise<boolean> {
  return await identity.admit(request).then(
    () => true,
    () => false,
  );
}

async function issueToken({ request, response, params }: RequestContext, services: Services): Promise<void> {
  const { tokens, pins, identity, settings } = services;
  const { pin } = await readJson(request, tokenRequest);
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
    viewing.access === 'pin' ? { 'set-cookie': await identity.accessCookie(claims) } : {};
  sendJson(response, 201, { ...issued, viewerId }, headers);
}
