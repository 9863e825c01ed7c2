import { pathFor } from '#core/protocol/endpoint.ts';
import { endWhep, offerWhep as whepOffer } from '#core/protocol/endpoints/watching.ts';
import type { Failure } from '../player/way-chooser.ts';
import { iceServersOf } from './ice-links.ts';

/** The server may be slow; after this nobody waits for the answer any more. */
const timeoutMs = 10_000;
const defaultRetryMs = 10_000;

/** A WHEP request that got no session. */
export class WhepError extends Error {
  readonly failure: Failure;
  readonly retryAfterMs: number;

  constructor(failure: Failure, message: string, retryAfterMs = defaultRetryMs) {
    super(message);
    this.failure = failure;
    this.retryAfterMs = retryAfterMs;
  }
}

export interface WhepResource {
  answer: string;
  /** Absolute address of the session; null where the server gave none. */
  location: string | null;
  /** What else may help to reach the box. */
  iceServers: RTCIceServer[];
}

/**
 * Offers to watch (draft-ietf-wish-whep, "Protocol Operation"). The offer goes without candidates: the server
 * learns this side's address from the first connectivity check.
 * @param options.preview an operator looks, who is no viewer
 * @throws WhepError
 */
export async function offerWhep(offer: string, options: { preview?: boolean } = {}): Promise<WhepResource> {
  let response: Response;
  try {
    response = await fetch(pathFor(whepOffer, {}, options.preview ? { preview: 1 } : {}), {
      method: whepOffer.method,
      headers: { 'content-type': whepOffer.body.type },
      body: offer,
      signal: AbortSignal.timeout(timeoutMs),
    });
  } catch (error) {
    throw new WhepError('network', String(error));
  }
  const text = await response.text().catch(() => '');
  if (!response.ok) throw refusal(response, text);
  const location = response.headers.get('location');
  return {
    answer: text,
    location: location === null ? null : new URL(location, response.url).href,
    iceServers: iceServersOf(response.headers.get('link')),
  };
}

/** Leaves, also while the page itself is on its way out. */
export function leaveWhep(location: string): void {
  fetch(location, { method: endWhep.method, keepalive: true }).catch(() => {});
}

function refusal(response: Response, body: string): WhepError {
  const retryAfterSeconds = Number(response.headers.get('retry-after'));
  return new WhepError(
    failureOf(response.status, problemCode(body)),
    `WHEP answered ${response.status}`,
    retryAfterSeconds > 0 ? retryAfterSeconds * 1000 : defaultRetryMs,
  );
}

/** The stable `code` of a problem+json body. */
function problemCode(body: string): string {
  try {
    return String(JSON.parse(body).code);
  } catch {
    return '';
  }
}

function failureOf(status: number, code: string): Failure {
  if (code === 'full') return 'full';
  // 409: nothing is on air; 429: too often; 5xx: a part of the box restarts. All of that passes.
  return status === 409 || status === 429 || status >= 500 ? 'unavailable' : 'refused';
}
