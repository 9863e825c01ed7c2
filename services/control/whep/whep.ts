import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { IceServer } from '#core/protocol/signaling.ts';
import { deviceTurnUser } from '../access/ice-servers.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { Grant } from '../domain/grant.ts';
import type { IceNames, WatchedDevice, WatchSessions } from '../domain/watch-session.ts';
import { readText, requireMediaType } from '../http/body.ts';
import { HttpProblem } from '../http/problem.ts';
import type { RequestContext, Route } from '../http/router.ts';
import type { OwnEgress } from '../link/own-egress.ts';
import { etagOf, linkHeaders, ufragOf } from './headers.ts';
import { requireMatch } from './precondition.ts';
import { whepRoutes } from './routes.ts';
import { parseSdpFragment, type SdpFragment, writeSdpFragment } from './sdp-fragment.ts';

/** Egress answers within milliseconds; a hanging one must not hold the request. */
const answerTimeoutMs = 5_000;
/** A viewer who leaves closes the connection and sends DELETE; whichever comes second finds the other's work done. */
const deleteMayFollowMs = 30_000;

interface Resource {
  viewerId: string;
  ice: IceNames;
}

type IceRestarter = Pick<OwnEgress, 'restartIce'>;

/**
 * WHEP (draft-ietf-wish-whep-03): `POST /whep` with an offer is 201 with the answer; `PATCH` of its `Location`
 * trickles or restarts ICE, `DELETE` ends. The answer carries all of the box's candidates, so clients need not trickle.
 * The ETag is the box's ICE user name: it is another one in each ICE session, and in no two sessions the same.
 */
export class Whep {
  readonly #sessions: WatchSessions;
  readonly #identity: ViewerIdentity;
  readonly #broadcast: Broadcast;
  readonly #device: WatchedDevice & IceRestarter;
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
    device: WatchedDevice & IceRestarter;
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
    return whepRoutes({
      create: (context) => this.#create(context),
      patch: (context) => this.#patch(context),
      end: (context) => this.#end(context),
      find: (sessionId) => this.#find(sessionId),
    });
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
    const ice = { deviceUfrag: ufragOf(answer), viewerUfrag: ufragOf(offer) };
    this.#resources.set(sessionId, { viewerId, ice });
    response.writeHead(201, {
      'content-type': 'application/sdp',
      'content-length': Buffer.byteLength(answer),
      'cache-control': 'no-store',
      // A query that some proxies need on every request of theirs is kept.
      location: `/whep/${sessionId}${url.search}`,
      etag: etagOf(ice),
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
        address: request.socket.remoteAddress ?? '',
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

  async #patch({ request, response, params }: RequestContext): Promise<void> {
    const { sessionId, viewerId, ice } = this.#find(params.session);
    requireMediaType(request, 'application/trickle-ice-sdpfrag');
    requireMatch(request, etagOf(ice));
    const fragment = parseSdpFragment(await readText(request));
    const restart =
      fragment.iceUfrag !== null && fragment.icePwd !== null && fragment.iceUfrag !== ice.viewerUfrag;
    if (restart) {
      await this.#restart({ sessionId, viewerId, fragment, response });
      return;
    }
    for (const candidate of fragment.candidates)
      this.#sessions.addViewerCandidate(sessionId, viewerId, candidate);
    response.writeHead(204).end();
  }

  async #restart(options: {
    sessionId: string;
    viewerId: string;
    fragment: SdpFragment;
    response: ServerResponse;
  }): Promise<void> {
    const { sessionId, viewerId, fragment, response } = options;
    const viewerUfrag = fragment.iceUfrag ?? '';
    const renewed = await this.#device.restartIce(sessionId, {
      iceUfrag: viewerUfrag,
      icePwd: fragment.icePwd ?? '',
      candidates: fragment.candidates.flatMap((candidate) => candidate?.candidate ?? []),
    });
    if (renewed === null) {
      throw new HttpProblem({
        status: 422,
        code: 'ice-restart-refused',
        title: 'This session cannot restart ICE; it goes on as it is.',
        action: 'Open a new session with POST, then end this one with DELETE.',
      });
    }
    const ice = { deviceUfrag: renewed.ice_ufrag, viewerUfrag };
    this.#resources.set(sessionId, { viewerId, ice });
    const body = writeSdpFragment({
      iceUfrag: renewed.ice_ufrag,
      icePwd: renewed.ice_pwd,
      iceLite: renewed.ice_lite,
      candidates: renewed.candidates,
      mid: fragment.mid,
    });
    response.writeHead(200, {
      'content-type': 'application/trickle-ice-sdpfrag',
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      etag: etagOf(ice),
    });
    response.end(body);
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

  /** The session's id is what proves whose it is. @throws OnairError `not-found` */
  #find(sessionId: string | undefined): Resource & { sessionId: string } {
    const viewerId = sessionId === undefined ? null : this.#sessions.viewerOf(sessionId);
    if (sessionId === undefined || viewerId === null) {
      if (sessionId !== undefined) this.#resources.delete(sessionId);
      throw new OnairError('not-found', 'This WHEP session is over or never was.', { subject: 'session' });
    }
    const ice = this.#resources.get(sessionId)?.ice ?? this.#sessions.iceOf(sessionId);
    return { sessionId, viewerId, ice: ice ?? { deviceUfrag: '', viewerUfrag: '' } };
  }
}
