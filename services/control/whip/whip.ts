import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { Settings } from '#core/domain/settings.ts';
import { pathFor } from '#core/protocol/endpoint.ts';
import {
  endWhip,
  lookAtWhip,
  lookAtWhipSession,
  offerWhip,
  patchWhip,
} from '#core/protocol/endpoints/whip.ts';
import type { FromMedia } from '#core/protocol/link/media.ts';
import type { IceServer } from '#core/protocol/signaling.ts';
import { sameSecret } from '#core/runtime/same-secret.ts';
import type { IceNames } from '../domain/watch-session.ts';
import { HttpProblem } from '../http/problem.ts';
import type { Route } from '../http/router.ts';
import { answer, type Served, serve } from '../http/serve.ts';
import type { LinkHost } from '../link/link-host.ts';
import { ufragOf } from '../webrtc-sessions/headers.ts';
import { parseSdpFragment } from '../webrtc-sessions/sdp-fragment.ts';
import {
  createdHeaders,
  iceNamesOf,
  iceRestartRefused,
  notAnOffer,
  requireSession,
  WebRtcSessions,
} from '../webrtc-sessions/webrtc-sessions.ts';

type Answer = Extract<FromMedia, { type: 'media_whip_answer' }>['payload'];

const answerTimeoutMs = 8_000;
/** A wrong key costs so long: nobody guesses 100 bits, and nobody keeps the box busy with trying. */
const wrongKeyMs = 500;
/** Offers that media is asked about at once; one publishes at a time, so that more are of no use. */
const maxAsked = 4;

interface Deps {
  settings: () => Settings;
  link: LinkHost;
  iceServers: (userId: string) => IceServer[];
  clock: Clock;
}

/**
 * WHIP (RFC 9725): `POST /whip` with an offer and the ingest key is 201 with the answer; `PATCH` of its `Location` takes
 * candidates, `DELETE` ends. The answer has all of the box's candidates, and the box needs none of the publisher's. ICE
 * restarts are answered 422, as the RFC allows. Pages of any origin may publish: the key is the right to, and no cookie is.
 */
export class Whip {
  readonly #deps: Deps;
  readonly #sessions: WebRtcSessions<{ ice: IceNames }>;
  readonly #asked = new Map<string, (answer: Answer) => void>();

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#sessions = new WebRtcSessions({ protocol: 'WHIP', clock: deps.clock });
  }

  start(): void {
    this.#deps.link.events.on('left', ({ daemon }) => {
      if (daemon !== 'media') return;
      for (const session of this.#sessions.ids) this.#sessions.forget(session);
    });
    this.#deps.link.events.on('media', (message) => {
      if (message.type === 'media_whip_answer') this.#asked.get(message.payload.session)?.(message.payload);
      else if (message.type === 'media_whip_ended') this.#sessions.forget(message.payload.session);
    });
  }

  get routes(): Route[] {
    return [
      serve(offerWhip, (asked) => this.#create(asked)),
      serve(lookAtWhip, () => answer(204, null, { 'cache-control': 'no-store' })),
      serve(patchWhip, (asked) => this.#patch(asked)),
      serve(endWhip, ({ params }) => this.#end(params.session)),
      serve(lookAtWhipSession, ({ params }) => {
        this.#sessions.find(params.session);
        return answer(204, null, { 'cache-control': 'no-store' });
      }),
    ];
  }

  async #create({ request, url, body: offer }: Served<typeof offerWhip>) {
    await this.#authorize(request);
    if (!offer.startsWith('v=0') || ufragOf(offer) === '') throw notAnOffer();
    const session = randomUUID();
    const address = (request.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
    const { sdp, refusal } = await this.#ask(session, offer, address);
    if (sdp === null) throw refused(refusal);
    const ice = iceNamesOf({ offer, answer: sdp });
    this.#sessions.set(session, { ice });
    if (request.socket.destroyed) this.#end(session); // nobody is there to use it
    const headers = createdHeaders({
      path: pathFor(endWhip, { session }),
      search: url.search,
      ice,
      patchType: patchWhip.body.type,
      iceServers: this.#deps.iceServers(`whip-${session}`),
    });
    return answer(201, sdp, headers);
  }

  /** @throws HttpProblem 401, OnairError `unavailable` */
  async #authorize(request: IncomingMessage): Promise<void> {
    const { key, whip } = this.#deps.settings().ingest;
    if (!whip) {
      throw new OnairError('unavailable', 'WHIP is switched off here.', {
        action: 'Set ingest.whip to true.',
      });
    }
    const token = /^Bearer +(\S+) *$/i.exec(request.headers.authorization ?? '')?.[1];
    if (token !== undefined && key !== null && sameSecret(token, key)) return;
    if (token !== undefined)
      await new Promise<void>((resolve) => void this.#deps.clock.after(wrongKeyMs, resolve));
    throw new HttpProblem({
      status: 401,
      code: 'unauthorized',
      title: token === undefined ? 'Publishing asks for the ingest key.' : 'That is not the ingest key.',
      action: 'Send Authorization: Bearer with the token that onair ingest shows.',
      headers: { 'www-authenticate': 'Bearer' },
    });
  }

  /** @throws OnairError `unavailable` */
  #ask(session: string, sdp: string, address: string): Promise<Answer> {
    if (this.#asked.size >= maxAsked)
      throw new OnairError('unavailable', 'Too many ask to publish at once.', { retryAfterSeconds: 1 });
    return new Promise((resolve) => {
      const settle = (result: Answer) => {
        cancel();
        this.#asked.delete(session);
        resolve(result);
      };
      const away = { session, sdp: null, refusal: 'away' as const };
      const cancel = this.#deps.clock.after(answerTimeoutMs, () => settle(away));
      this.#asked.set(session, settle);
      const payload = { act: 'offer' as const, session, sdp, address };
      if (!this.#deps.link.sendToMedia({ type: 'media_whip', payload })) settle(away);
    });
  }

  #patch({ request, params, body }: Served<typeof patchWhip>) {
    const session = this.#sessions.find(params.session);
    requireSession(request, session);
    const { iceUfrag } = parseSdpFragment(body);
    if (iceUfrag !== null && iceUfrag !== session.ice.viewerUfrag) throw iceRestartRefused();
    return answer(204, null);
  }

  #end(session: string): undefined {
    if (this.#sessions.isOver(session)) return;
    this.#sessions.find(session);
    this.#sessions.delete(session);
    this.#deps.link.sendToMedia({ type: 'media_whip', payload: { act: 'end', session } });
  }
}

function refused(refusal: Answer['refusal']): Error {
  switch (refusal) {
    case 'malformed':
      return new OnairError('invalid-message', 'The offer cannot be answered.');
    case 'no-codec':
      return new HttpProblem({
        // RFC 9725, 4.4.2 and 4.4.3.
        status: 422,
        code: 'no-codec',
        title: 'The offer has a section that is not taken here.',
        action: 'Offer one video section with H.264 or VP8, and at most one audio section with Opus.',
      });
    case 'busy':
      return new OnairError('conflict', 'Somebody else publishes by WHIP already.', {
        subject: 'publisher',
        action: 'End the first stream, then try again.',
      });
    default:
      return new OnairError('unavailable', 'The media service does not answer.', { retryAfterSeconds: 1 });
  }
}
