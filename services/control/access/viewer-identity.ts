import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { OnairError } from '#core/domain/errors.ts';
import type { Settings } from '#core/domain/settings.ts';
import { type Grant, noGrant } from '../domain/grant.ts';
import { bearerOf, cookieOf, setCookie } from './request-credentials.ts';
import type { TokenKeeper, ViewerClaims } from './token-keeper.ts';

/** Tells one browser's ways in together; it opens nothing. */
const viewerCookie = 'onair_viewer';
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i;
/** A viewer token as a cookie: what the PIN was exchanged for. */
const accessCookie = 'onair_access';
const cookieMaxAgeSeconds = 31_536_000;
/** A cookie is shown with every request of HLS: it must outlast any broadcast. */
const accessLifetimeSeconds = 86_400;

/** A viewer as one request, or one token, shows them. */
export interface Viewer {
  /** From the token, else the cookie; null where the connection itself is the viewer. */
  id: string | null;
  /** Holds a valid token, or is the operator. */
  admitted: boolean;
  /** Has proved to own the box. */
  operator?: true;
  /** By what right; what lasts is ended with it. */
  grant: Grant;
}

/** Who a viewer is, and whether they may watch. */
export class ViewerIdentity {
  readonly #tokens: TokenKeeper;
  readonly #settings: () => Settings;
  readonly #operatorOf: (request: IncomingMessage) => { id: string } | null;
  readonly #hasOperator: (id: string) => boolean;

  /**
   * @param options.operatorOf the operator who sends a request: who operates the box may watch it, too
   * @param options.hasOperator whether that operator still is one
   */
  constructor(options: {
    tokens: TokenKeeper;
    settings: () => Settings;
    operatorOf?: (request: IncomingMessage) => { id: string } | null;
    hasOperator?: (id: string) => boolean;
  }) {
    this.#tokens = options.tokens;
    this.#settings = options.settings;
    this.#operatorOf = options.operatorOf ?? (() => null);
    this.#hasOperator = options.hasOperator ?? (() => false);
  }

  /**
   * Reads token (Bearer, else the access cookie) and cookie.
   * @throws OnairError `unauthorized` for a Bearer token that isn't valid, `forbidden` for one of another stream
   */
  async identify(request: IncomingMessage): Promise<Viewer> {
    const operator = this.#operatorOf(request);
    if (operator) {
      const grant = { operatorId: operator.id, pinMark: null };
      return { id: viewerIdOf(request), admitted: true, operator: true, grant };
    }
    const bearer = bearerOf(request);
    if (bearer) return await this.#read(bearer);
    const access = cookieOf(request, accessCookie);
    const viewer = access ? await this.#read(access).catch(() => null) : null;
    if (viewer?.admitted) return viewer;
    return { id: viewerIdOf(request), admitted: false, grant: noGrant };
  }

  /**
   * Identifies, and refuses where a PIN is set and not shown.
   * @throws OnairError `unauthorized`, `forbidden`
   */
  async admit(request: IncomingMessage): Promise<Viewer> {
    return this.#require(await this.identify(request));
  }

  /**
   * The viewer whom a token lets in, for ways in that take it elsewhere than in a header.
   * @throws OnairError `unauthorized` for one that isn't valid, or of an older PIN; `forbidden` for another stream's
   */
  async redeem(token: string): Promise<Viewer & { id: string }> {
    return this.#require(await this.#read(token));
  }

  /** Whether who came by that right may still be here. */
  isValid({ operatorId, pinMark }: Grant): boolean {
    if (operatorId !== null) return this.#hasOperator(operatorId);
    const { access } = this.#settings().viewing;
    return access !== 'pin' || (pinMark !== null && pinMark === this.pinGrant.pinMark);
  }

  /** The right of somebody who has just shown the PIN. */
  get pinGrant(): Grant {
    const { pin } = this.#settings().viewing;
    return { operatorId: null, pinMark: pin === null ? null : this.#tokens.markOf(pin) };
  }

  /** The id for a request that has none and no connection to stand for it: its address, whatever it says of itself. */
  fallbackId(request: IncomingMessage): string {
    const address = request.socket.remoteAddress ?? '';
    return `address-${createHash('sha256').update(address).digest('base64url').slice(0, 22)}`;
  }

  /** `Set-Cookie` that makes a browser one viewer from now on; null where it is one already. */
  newViewerCookie(request: IncomingMessage): string | null {
    if (viewerIdOf(request)) return null;
    return setCookie(request, viewerCookie, randomUUID(), {
      sameSite: 'Lax',
      maxAgeSeconds: cookieMaxAgeSeconds,
    });
  }

  /** `Set-Cookie` that opens every way in, for a day at most and for as long as the right lasts it was given for. */
  async accessCookie(request: IncomingMessage, claims: ViewerClaims): Promise<string> {
    const { token } = await this.#tokens.issue(claims, { lifetimeSeconds: accessLifetimeSeconds });
    return setCookie(request, accessCookie, token, { sameSite: 'Strict' });
  }

  async #read(token: string): Promise<Viewer & { id: string }> {
    const { viewerId, streamId, operatorId = null, pinMark = null } = await this.#tokens.verify(token);
    const { broadcast, hub } = this.#settings();
    // Hubs of many share their key, each with a stream of its own: a viewer may come with another's token.
    if (streamId !== broadcast.streamId && hub.redisUrl === null) {
      throw new OnairError('forbidden', 'The token is for another stream.', { subject: 'token' });
    }
    const grant = { operatorId, pinMark };
    const admitted = this.isValid(grant);
    return { id: viewerId, admitted, grant: admitted ? grant : noGrant };
  }

  /** @throws OnairError `unauthorized` */
  #require<Someone extends Viewer>(viewer: Someone): Someone {
    if (viewer.admitted || this.#settings().viewing.access !== 'pin') return viewer;
    throw new OnairError('unauthorized', 'Watching asks for a PIN here.', {
      subject: 'token',
      action: 'Exchange the PIN for a token: POST /api/v1/streams/{id}/tokens {"pin": "…"}.',
    });
  }
}

function viewerIdOf(request: IncomingMessage): string | null {
  const id = cookieOf(request, viewerCookie);
  return id && uuid.test(id) ? id : null; // nova.md: "`viewer_id`: UUID of the viewer"; the box makes no other
}
