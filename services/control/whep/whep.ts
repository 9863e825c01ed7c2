import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { IceServer } from '#core/protocol/signaling.ts';
import { deviceTurnUser } from '../access/ice-servers.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { Grant } from '../domain/grant.ts';
import type { WatchedDevice, WatchSessions } from '../domain/watch-session.ts';
import { readText, requireMediaType } from '../http/body.ts';
import { HttpProblem } from '../http/problem.ts';
import type { RequestContext, Route } from '../http/router.ts';
import { parseSdpFragment } from './sdp-fragment.ts';

/** Egress answers within milliseconds; a hanging one must not hold the request. */
const answerTimeoutMs = 5_000;
/** A viewer who leaves closes the connection and sends DELETE; whichever comes second finds the other's work done. */
const deleteMayFollowMs = 30_000;

interface Resource {
  viewerId: string;
  etag: string;
}

/**
 * WHEP (draft-ietf-wish-whep): `POST /whep` with an offer is 201 with the answer; `PATCH` of its `Location`
 * trickles, `DELETE` ends. The answer carries all of the box's candidates, so clients need not trickle.
 */
export class Whep {
  readonly #sessions: WatchSessions;
  readonly #identity: ViewerIdentity;
  readonly #broadcast: Broadcast;
  readonly #device: WatchedDevice;
  readonly #deviceId: () => string;
  readonly #iceServers: (userId: string) => IceServer[];
  readonly #clock: Clock;
  readonly #resources = new Map<string, Resource>();
  /** Sessions whose connection ended a moment ago. */
  readonly #ended = new Set<string>();

  constructor(options: {
    sessions: WatchSessions;
    identity: ViewerIdentity;
    broadcast: Broadcast;
    device: WatchedDevice;
    deviceId: () => string;
    iceServers: (userId: string) => IceServer[];
    clock: Clock;
  }) {
    this.#sessions = options.sessions;
    this.#identity = options.identity;
    this.#broadcast = options.broadcast;
    this.#device = options.device;
    this.#deviceId = options.deviceId;
    this.#iceServers = options.iceServers;
    this.#clock = options.clock;
  }

  get routes(): Route[] {
    const session = '/whep/:session';
    return [
      {
        method: 'POST',
        path: '/whep',
        anyOrigin: true,
        doc: {
          tag: 'watching',
          summary: 'WHEP: an SDP offer for its answer; Location is the session',
          description:
            'The answer has all candidates of the box. 409 with Retry-After while nothing is on air, 503 with Retry-After ' +
            'where the house is full (`full`), or WebRTC serves nobody more (`unavailable`; `action` says what to do).',
          admits: 'viewer',
          request: { type: 'application/sdp' },
          answers: { 201: { type: 'application/sdp' } },
        },
        handle: (context) => this.#create(context),
      },
      { method: 'OPTIONS', path: '/whep', anyOrigin: true, handle: (context) => this.#options(context) },
      {
        method: 'PATCH',
        path: session,
        anyOrigin: true,
        doc: {
          tag: 'watching',
          summary: 'WHEP: more candidates of the viewer',
          request: { type: 'application/trickle-ice-sdpfrag' },
          answers: { 204: { description: 'They are taken' } },
        },
        handle: (context) => this.#trickle(context),
      },
      {
        method: 'DELETE',
        path: session,
        anyOrigin: true,
        doc: {
          tag: 'watching',
          summary: 'WHEP: ends the session',
          answers: { 200: { description: 'It is over' } },
        },
        handle: (context) => this.#end(context),
      },
      { method: 'OPTIONS', path: session, anyOrigin: true, handle: (context) => this.#options(context) },
    ];
  }

  async #create({ request, response, url }: RequestContext): Promise<void> {
    const viewer = await this.#identity.admit(request);
    requireMediaType(request, 'application/sdp');
    const offer = await readText(request);
    if (!offer.startsWith('v=0')) throw new OnairError('invalid-message', 'The body is not an SDP offer.');
    if (!this.#broadcast.wanted) {
      throw new OnairError('conflict', 'Nothing is on air.', {
        subject: 'broadcast',
        action: 'Press the button on the box to go live.',
        retryAfterSeconds: 2,
      });
    }
    if (request.socket.destroyed) throw new OnairError('unavailable', 'The client went away.');
    const viewerId = viewer.id ?? `whep-${randomUUID()}`;
    const { sessionId, answer, iceServers } = await this.#negotiate(
      { viewerId, grant: viewer.grant },
      ...([offer, request, response] as const),
    );
    const etag = `"${createHash('sha256').update(answer).digest('base64url').slice(0, 16)}"`;
    this.#resources.set(sessionId, { viewerId, etag });
    response.writeHead(201, {
      'content-type': 'application/sdp',
      'content-length': Buffer.byteLength(answer),
      'cache-control': 'no-store',
      // A query that some proxies need on every request of theirs is kept.
      location: `/whep/${sessionId}${url.search}`,
      etag,
      'accept-patch': 'application/trickle-ice-sdpfrag',
      ...(iceServers.length > 0 ? { link: iceServers.flatMap(linkHeaders) } : {}),
    });
    response.end(answer);
  }

  #negotiate(
    { viewerId, grant }: { viewerId: string; grant: Grant },
    offer: string,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    const iceServers = this.#iceServers(viewerId);
    return new Promise<{ sessionId: string; answer: string; iceServers: IceServer[] }>((resolve, reject) => {
      const sessionId = this.#sessions.open({
        viewerId,
        way: 'whep',
        deviceId: this.#deviceId(),
        device: this.#device,
        iceServers: (id) => this.#iceServers(deviceTurnUser(id)),
        grant,
        watcher: {
          answered: (answer) => {
            cancel();
            resolve({ sessionId, answer, iceServers });
          },
          candidateFound: () => {}, // all of them are in the answer
          ended: (_reason, why) => {
            cancel();
            if (this.#resources.delete(sessionId)) this.#awaitDelete(sessionId);
            reject(
              why ??
                new OnairError('unavailable', 'The WebRTC service is restarting.', { retryAfterSeconds: 1 }),
            );
          },
        },
      });
      const giveUp = (problem: OnairError): void => {
        if (this.#sessions.has(sessionId)) this.#sessions.end(sessionId, viewerId, 'viewer_disconnected');
        reject(problem);
      };
      const cancelTimer = this.#clock.after(answerTimeoutMs, () =>
        giveUp(
          new OnairError('unavailable', 'The WebRTC service does not answer.', { retryAfterSeconds: 1 }),
        ),
      );
      const hangUp = (): void => {
        if (response.writableFinished) return;
        cancel();
        giveUp(new OnairError('unavailable', 'The client went away.'));
      };
      const cancel = (): void => {
        cancelTimer();
        request.socket.off('close', hangUp);
      };
      request.socket.once('close', hangUp);
      this.#device.offer(sessionId, offer);
    });
  }

  async #trickle({ request, response, params }: RequestContext): Promise<void> {
    const { sessionId, viewerId, etag } = this.#find(params.session);
    requireMediaType(request, 'application/trickle-ice-sdpfrag');
    requireMatch(request, etag);
    const candidates = parseSdpFragment(await readText(request));
    for (const candidate of candidates) this.#sessions.addViewerCandidate(sessionId, viewerId, candidate);
    response.writeHead(204, etag === null ? {} : { etag }).end();
  }

  #end({ response, params }: RequestContext): void {
    if (params.session === undefined || !this.#ended.delete(params.session)) {
      const { sessionId, viewerId } = this.#find(params.session);
      this.#resources.delete(sessionId);
      this.#sessions.end(sessionId, viewerId, 'user_ended');
    }
    response.writeHead(200, { 'content-length': 0 }).end();
  }

  #awaitDelete(sessionId: string): void {
    this.#ended.add(sessionId);
    this.#clock.after(deleteMayFollowMs, () => this.#ended.delete(sessionId));
  }

  #options({ response }: RequestContext): void {
    response
      .writeHead(204, { 'accept-post': 'application/sdp', 'accept-patch': 'application/trickle-ice-sdpfrag' })
      .end();
  }

  /** The session's id is what proves whose it is. @throws OnairError `not-found` */
  #find(sessionId: string | undefined): { sessionId: string; viewerId: string; etag: string | null } {
    const viewerId = sessionId === undefined ? null : this.#sessions.viewerOf(sessionId);
    if (sessionId === undefined || viewerId === null) {
      if (sessionId !== undefined) this.#resources.delete(sessionId);
      throw new OnairError('not-found', 'This WHEP session is over or never was.', { subject: 'session' });
    }
    return { sessionId, viewerId, etag: this.#resources.get(sessionId)?.etag ?? null };
  }
}

/** `If-Match` is for a session that is not this one (RFC 9110 13.1.1); without the header there is nothing to doubt. */
function requireMatch(request: IncomingMessage, etag: string | null): void {
  const wanted = request.headers['if-match'];
  if (wanted === undefined || etag === null || wanted.trim() === '*') return;
  if (wanted.split(',').some((one) => one.trim() === etag)) return;
  throw new HttpProblem({
    status: 412,
    code: 'precondition-failed',
    title: 'If-Match names another state of this session.',
  });
}

function linkHeaders(server: IceServer): string[] {
  const urls = Array.isArray(server.urls) ? server.urls : [server.urls];
  const credential = server.username
    ? `; username="${server.username}"; credential="${server.credential ?? ''}"; credential-type="password"`
    : '';
  return urls.map((url) => `<${url}>; rel="ice-server"${credential}`);
}
