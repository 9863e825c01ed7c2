import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { OnairError } from '#core/domain/errors.ts';
import type { Settings } from '#core/domain/settings.ts';
import { bearerOf, cookiesOf } from './request-credentials.ts';
import type { TokenKeeper, ViewerClaims } from './token-keeper.ts';

/** Tells one browser's ways in together; it opens nothing. */
const viewerCookie = 'onair_viewer';
/** A viewer token as a cookie: what the PIN was exchanged for. */
const accessCookie = 'onair_access';
const cookieMaxAgeSeconds = 31_536_000;
/** A cookie is shown with every request of HLS: it must outlast any broadcast. */
const accessLifetimeSeconds = 86_400;

/** A viewer as one request shows them. */
export interface Viewer {
  /** From the token, else the cookie; null where the connection itself is the viewer. */
  id: string | null;
  /** Holds a valid token, or is the operator. */
  admitted: boolean;
  /** Has proved to own the box. */
  operator?: true;
}

/** Who a viewer is, and whether they may watch. */
export class ViewerIdentity {
  readonly #tokens: TokenKeeper;
  readonly #settings: () => Settings;
  readonly #isOperator: (request: IncomingMessage) => boolean;

  /** @param options.isOperator who operates the box may watch it, too */
  constructor(options: {
    tokens: TokenKeeper;
    settings: () => Settings;
    isOperator?: (request: IncomingMessage) => boolean;
  }) {
    this.#tokens = options.tokens;
    this.#settings = options.settings;
    this.#isOperator = options.isOperator ?? (() => false);
  }

  /**
   * Reads token (Bearer, else the access cookie) and cookie.
   * @throws OnairError `unauthorized` for a Bearer token that isn't valid
   */
  async identify(request: IncomingMessage): Promise<Viewer> {
    const cookies = cookiesOf(request);
    if (this.#isOperator(request)) return { id: viewerIdOf(cookies), admitted: true, operator: true };
    const bearer = bearerOf(request);
    if (bearer) return { id: (await this.#tokens.verify(bearer)).viewerId, admitted: true };
    const access = cookies.get(accessCookie);
    if (access) {
      const claims = await this.#tokens.verify(access).catch(() => null);
      if (claims && this.#isOfThisPin(claims)) return { id: claims.viewerId, admitted: true };
    }
    return { id: viewerIdOf(cookies), admitted: false };
  }

  /**
   * Identifies, and refuses where a PIN is set and not shown.
   * @throws OnairError `unauthorized`
   */
  async admit(request: IncomingMessage): Promise<Viewer> {
    const viewer = await this.identify(request);
    if (this.#settings().viewing.access === 'pin' && !viewer.admitted) {
      throw new OnairError('unauthorized', 'Watching asks for a PIN here.', {
        action: 'Exchange the PIN for a token: POST /api/v1/streams/{id}/tokens {"pin": "…"}.',
      });
    }
    return viewer;
  }

  /** The id for a request that has none and no connection to stand for it: its address and user agent. */
  fallbackId(request: IncomingMessage): string {
    const traits = `${request.socket.remoteAddress ?? ''}\n${request.headers['user-agent'] ?? ''}`;
    return `agent-${createHash('sha256').update(traits).digest('base64url').slice(0, 22)}`;
  }

  /** `Set-Cookie` that makes a browser one viewer from now on; null where it is one already. */
  newViewerCookie(request: IncomingMessage): string | null {
    if (viewerIdOf(cookiesOf(request))) return null;
    return `${viewerCookie}=${randomUUID()}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${cookieMaxAgeSeconds}`;
  }

  /** `Set-Cookie` that opens every way in to who showed the PIN, for a day at most and until the PIN is another one. */
  async accessCookie(claims: ViewerClaims): Promise<string> {
    const { pin } = this.#settings().viewing;
    const pinMark = pin === null ? null : this.#tokens.markOf(pin);
    const { token } = await this.#tokens.issue(
      { ...claims, pinMark },
      { lifetimeSeconds: accessLifetimeSeconds },
    );
    return `${accessCookie}=${token}; Path=/; HttpOnly; SameSite=Strict`;
  }

  #isOfThisPin({ pinMark }: ViewerClaims): boolean {
    const { access, pin } = this.#settings().viewing;
    return access !== 'pin' || (pin !== null && pinMark === this.#tokens.markOf(pin));
  }
}

function viewerIdOf(cookies: ReadonlyMap<string, string>): string | null {
  const id = cookies.get(viewerCookie);
  return id && /^[\w-]{16,64}$/.test(id) ? id : null;
}
