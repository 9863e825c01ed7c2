import type { IncomingMessage, ServerResponse } from 'node:http';

/**
 * Lets pages of other sites play the broadcast (CORS, without credentials), where the operator names them: else any
 * site that somebody in the house visits could watch the camera, and read the credentials of TURN.
 * @returns whether the request comes from such a page
 */
export function allowEmbedding(
  request: IncomingMessage,
  response: ServerResponse,
  embedOrigins: readonly string[],
): boolean {
  // Also elements that show without asking (a <video> in Safari sends no Origin) do so on no other site.
  if (embedOrigins.length === 0) response.setHeader('cross-origin-resource-policy', 'same-origin');
  else response.setHeader('vary', 'Origin');
  const { origin } = request.headers;
  if (origin === undefined || !embedOrigins.includes(origin.toLowerCase())) return false;
  allow(request, response, origin);
  return true;
}

/** Lets pages of any site ask, where only a token that they send admits: no cookie does. */
export function allowAnyOrigin(request: IncomingMessage, response: ServerResponse): void {
  response.setHeader('vary', 'Origin');
  if (request.headers.origin !== undefined) allow(request, response, request.headers.origin);
}

function allow(request: IncomingMessage, response: ServerResponse, origin: string): void {
  response.setHeader('access-control-allow-origin', origin);
  if (request.method !== 'OPTIONS') {
    response.setHeader('access-control-expose-headers', 'Location, ETag, Link, Accept-Patch, Retry-After');
    return;
  }
  response.setHeader('access-control-allow-methods', 'GET, HEAD, POST, PATCH, DELETE, OPTIONS');
  response.setHeader('access-control-allow-headers', 'Authorization, Content-Type, If-Match, Range');
  response.setHeader('access-control-max-age', '600');
  // Chromium asks before a public page reaches into a private network (Private Network Access).
  if (request.headers['access-control-request-private-network'] === 'true')
    response.setHeader('access-control-allow-private-network', 'true');
}
