import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { pathFor } from '#core/protocol/endpoint.ts';
import {
  endWhep,
  lookAtWhep,
  lookAtWhepSession,
  offerWhep,
  patchWhep,
} from '#core/protocol/endpoints/watching.ts';
import type { IceServer } from '#core/protocol/signaling.ts';
import { deviceTurnUser } from '../access/ice-servers.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import { type Grant, noGrant } from '../domain/grant.ts';
import {
  type IceNames,
  previewViewerId,
  type WatchedDevice,
  type WatchSessions,
} from '../domain/watch-session.ts';
import type { Route } from '../http/router.ts';
import { answer, type Served, serve } from '../http/serve.ts';
import type { OwnEgress } from '../link/own-egress.ts';
import { etagOf } from '../webrtc-sessions/headers.ts';
import { parseSdpFragment, type SdpFragment, writeSdpFragment } from '../webrtc-sessions/sdp-fragment.ts';
import {
  createdHeaders,
  iceNamesOf,
  iceRestartRefused,
  notAnOffer,
  requireSession,
  WebRtcSessions,
} from '../webrtc-sessions/webrtc-sessions.ts';

/** Egress answers within milliseconds; a hanging one must not hold the request. */
const answerTimeoutMs = 5_000;

interface Resource {
  viewerId: string;
  ice: IceNames;
}

type IceRestarter = Pick<OwnEgress, 'restartIce'>;

interface Deps {
  sessions: WatchSessions;
  broadcast: Broadcast;
  device: WatchedDevice & IceRestarter;
  deviceId: () => string;
  iceServers: (userId: string) => IceServer[];
  clock: Clock;
}

/**
 * WHEP (draft-ietf-wish-whep-04): `POST /whep` with an offer is 201 with the answer; `PATCH` of its `Location`
 * trickles or restarts ICE, `DELETE` ends. The answer carries all of the box's candidates, so clients need not trickle.
 */
export class Whep {
  readonly #deps: Deps;
  readonly #resources: WebRtcSessions<Resource>;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#resources = new WebRtcSessions({ protocol: 'WHEP', clock: deps.clock });
  }

  get routes(): Route[] {
    const nothing = () => answer(204, null, { 'cache-control': 'no-store' });
    return [
      serve(offerWhep, (asked) => this.#create(asked)),
      // By its type players know what the address is (WHEP, "WHEP Endpoint URL Discoverability").
      serve(lookAtWhep, () => answer(200, '', { 'cache-control': 'no-store' })),
      serve(patchWhep, (asked) => this.#patch(asked)),
      serve(endWhep, ({ params }) => this.#end(params.session)),
      serve(lookAtWhepSession, ({ params }) => {
        this.#find(params.session);
        return nothing();
      }),
    ];
  }

  async #create({ request, response, url, query, viewer, body: offer }: Served<typeof offerWhep>) {
    if (!offer.startsWith('v=0')) throw notAnOffer();
    if (!this.#deps.broadcast.wanted) {
      throw new OnairError('conflict', 'Nothing is on air.', {
        subject: 'broadcast',
        action: 'Press the button on the box to go live.',
        retryAfterSeconds: 2,
      });
    }
    if (request.socket.destroyed) throw new OnairError('unavailable', 'The client went away.');
    const isPreview = query.preview !== undefined && viewer?.operator === true;
    const viewerId = isPreview ? previewViewerId(randomUUID()) : (viewer?.id ?? `whep-${randomUUID()}`);
    const {
      sessionId,
      answer: sdp,
      iceServers,
    } = await this.#negotiate(
      { viewerId, grant: viewer?.grant ?? noGrant },
      ...([offer, request, response] as const),
    );
    const ice = iceNamesOf({ offer, answer: sdp });
    this.#resources.set(sessionId, { viewerId, ice });
    const path = pathFor(endWhep, { session: sessionId });
    const patchType = patchWhep.body.type;
    return answer(201, sdp, createdHeaders({ path, search: url.search, ice, patchType, iceServers }));
  }

  #negotiate(
    { viewerId, grant }: { viewerId: string; grant: Grant },
    offer: string,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    const iceServers = this.#deps.iceServers(viewerId);
    return new Promise<{ sessionId: string; answer: string; iceServers: IceServer[] }>((resolve, reject) => {
      const sessionId = this.#deps.sessions.open({
        viewerId,
        way: 'whep',
        deviceId: this.#deps.deviceId(),
        device: this.#deps.device,
        iceServers: (id) => this.#deps.iceServers(deviceTurnUser(id)),
        grant,
        address: request.socket.remoteAddress ?? '',
        watcher: {
          send: (signal) => {
            if (signal.kind === 'candidate') return; // all of them are in the answer
            cancel();
            if (signal.kind === 'answer') {
              resolve({ sessionId, answer: signal.sdp, iceServers });
              return;
            }
            this.#resources.forget(sessionId);
            reject(
              signal.why ??
                new OnairError('unavailable', 'The WebRTC service is restarting.', { retryAfterSeconds: 1 }),
            );
          },
        },
      });
      const giveUp = (problem: OnairError): void => {
        if (this.#deps.sessions.has(sessionId))
          this.#deps.sessions.end(sessionId, viewerId, 'viewer_disconnected');
        reject(problem);
      };
      const cancelTimer = this.#deps.clock.after(answerTimeoutMs, () =>
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
      this.#deps.sessions.receiveFromViewer(viewerId, { kind: 'offer', sessionId, sdp: offer });
    });
  }

  async #patch({ request, params, body }: Served<typeof patchWhep>) {
    const { sessionId, viewerId, ice } = this.#find(params.session);
    requireSession(request, { ice });
    const fragment = parseSdpFragment(body);
    const restart =
      fragment.iceUfrag !== null && fragment.icePwd !== null && fragment.iceUfrag !== ice.viewerUfrag;
    if (restart) return await this.#restart({ sessionId, viewerId, fragment });
    for (const candidate of fragment.candidates)
      this.#deps.sessions.receiveFromViewer(viewerId, { kind: 'candidate', sessionId, candidate });
    return answer(204, null);
  }

  async #restart(options: { sessionId: string; viewerId: string; fragment: SdpFragment }) {
    const { sessionId, viewerId, fragment } = options;
    const viewerUfrag = fragment.iceUfrag ?? '';
    const renewed = await this.#deps.device.restartIce(sessionId, {
      iceUfrag: viewerUfrag,
      icePwd: fragment.icePwd ?? '',
      candidates: fragment.candidates.flatMap((candidate) => candidate?.candidate ?? []),
    });
    if (renewed === null) throw iceRestartRefused();
    const ice = { deviceUfrag: renewed.ice_ufrag, viewerUfrag };
    this.#resources.set(sessionId, { viewerId, ice });
    const body = writeSdpFragment({
      iceUfrag: renewed.ice_ufrag,
      icePwd: renewed.ice_pwd,
      iceLite: renewed.ice_lite,
      candidates: renewed.candidates,
      mid: fragment.mid,
    });
    return answer(200, body, { etag: etagOf(ice) });
  }

  #end(session: string): undefined {
    if (this.#resources.isOver(session)) return;
    const { sessionId, viewerId } = this.#find(session);
    this.#resources.delete(sessionId);
    this.#deps.sessions.end(sessionId, viewerId, 'user_ended');
  }

  /** The session's id is what proves whose it is. @throws OnairError `not-found` */
  #find(sessionId: string): Resource & { sessionId: string } {
    const viewerId = this.#deps.sessions.viewerOf(sessionId);
    if (viewerId === null) {
      this.#resources.delete(sessionId);
      throw this.#resources.missing();
    }
    const ice = this.#resources.get(sessionId)?.ice ?? this.#deps.sessions.iceOf(sessionId);
    return { sessionId, viewerId, ice: ice ?? { deviceUfrag: '', viewerUfrag: '' } };
  }
}
