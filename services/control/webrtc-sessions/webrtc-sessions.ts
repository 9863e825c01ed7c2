import type { IncomingMessage } from 'node:http';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { IceServer } from '#core/protocol/signaling.ts';
import type { IceNames } from '../domain/watch-session.ts';
import { HttpProblem } from '../http/problem.ts';
import { etagOf, linkHeaders, ufragOf } from './headers.ts';
import { requireMatch } from './precondition.ts';

/** A client that leaves closes the connection and sends DELETE; whichever comes second finds the other's work done. */
const deleteMayFollowMs = 30_000;

interface Deps {
  protocol: 'WHIP' | 'WHEP';
  clock: Clock;
}

/**
 * WebRTC sessions that clients hold by their address: made by POST of an offer, patched, ended by DELETE. WHIP (RFC 9725)
 * and WHEP (draft-ietf-wish-whep-04) have the same under two names. A session's id is what proves whose it is; its ETag is
 * the box's ICE user name, which is another one in each ICE session, and in no two sessions the same.
 */
export class WebRtcSessions<Session extends { ice: IceNames }> {
  readonly #deps: Deps;
  readonly #open = new Map<string, Session>();
  /** Those whose connection ended a moment ago. */
  readonly #ended = new Set<string>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get ids(): string[] {
    return [...this.#open.keys()];
  }

  set(id: string, session: Session): void {
    this.#open.set(id, session);
  }

  get(id: string): Session | undefined {
    return this.#open.get(id);
  }

  /** @throws OnairError `not-found` */
  find(id: string): Session {
    const session = this.#open.get(id);
    if (session === undefined) throw this.missing();
    return session;
  }

  delete(id: string): void {
    this.#open.delete(id);
  }

  /** It ended by itself. */
  forget(id: string): void {
    if (!this.#open.delete(id)) return;
    this.#ended.add(id);
    this.#deps.clock.after(deleteMayFollowMs, () => this.#ended.delete(id));
  }

  /** A DELETE came: whether it is the second word of an end that is known. */
  isOver(id: string): boolean {
    return this.#ended.delete(id);
  }

  missing(): OnairError {
    const message = `This ${this.#deps.protocol} session is over or never was.`;
    return new OnairError('not-found', message, { subject: 'session' });
  }
}

export function notAnOffer(): OnairError {
  return new OnairError('invalid-message', 'The body is not an SDP offer.');
}

/** @throws HttpProblem where a PATCH is meant for another ICE session, or does not say for which */
export function requireSession(request: IncomingMessage, { ice }: { ice: IceNames }): void {
  requireMatch(request, etagOf(ice));
}

export function iceNamesOf({ offer, answer }: { offer: string; answer: string }): IceNames {
  return { deviceUfrag: ufragOf(answer), viewerUfrag: ufragOf(offer) };
}

/** The headers of a 201. @param options.path of the session. @param options.search kept: some proxies need it each time */
export function createdHeaders(options: {
  path: string;
  search: string;
  ice: IceNames;
  patchType: string;
  iceServers: readonly IceServer[];
}): Record<string, string | string[]> {
  const { path, search, ice, patchType, iceServers } = options;
  return {
    location: `${path}${search}`,
    etag: etagOf(ice),
    'accept-patch': patchType,
    ...(iceServers.length > 0 ? { link: iceServers.flatMap(linkHeaders) } : {}),
  };
}

export function iceRestartRefused(): HttpProblem {
  return new HttpProblem({
    status: 422,
    code: 'ice-restart-refused',
    title: 'This session cannot restart ICE; it goes on as it is.',
    action: 'Open a new session with POST, then end this one with DELETE.',
  });
}
