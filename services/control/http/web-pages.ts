import { existsSync } from 'node:fs';
import sirv from 'sirv';
import { OnairError } from '#core/domain/errors.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import type { RequestContext, Route } from './router.ts';

/**
 * Nothing from anywhere else, nothing inline; pictures and sound also from memory (MediaSource).
 * @param secureOrigin the box's own over HTTPS, which pages look for
 */
const contentSecurityPolicy = (secureOrigin: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "font-src 'self'",
    `connect-src 'self'${secureOrigin}`,
    "media-src 'self' blob:",
    "manifest-src 'self'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    // Nobody's text becomes markup: the browser itself refuses.
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ');

/** The headers of every answer to a browser. */
export const pageHeaders: Readonly<Record<string, string>> = {
  'content-security-policy': contentSecurityPolicy(''),
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(self)',
};

/**
 * Serves the built web page; files with a hash in their name for ever, the rest revalidated.
 * @param options.directory dist/web-ui
 * @param options.httpsPort null where HTTPS is off
 */
export function webPageRoutes(options: {
  directory: string;
  identity: ViewerIdentity;
  httpsPort: () => number | null;
}): Route[] {
  const { directory, identity, httpsPort } = options;
  const serve = existsSync(directory)
    ? sirv(directory, {
        etag: true,
        gzip: true,
        brotli: true,
        setHeaders: (response, pathname) => {
          for (const [name, value] of Object.entries(pageHeaders)) response.setHeader(name, value);
          const host = /^[\w.-]+|^\[[\da-f:]+\]/i.exec(response.req.headers.host ?? '')?.[0];
          const port = httpsPort();
          if (host !== undefined && port !== null)
            response.setHeader('content-security-policy', contentSecurityPolicy(` https://${host}:${port}`));
          const immutable = pathname.startsWith('/assets/');
          response.setHeader('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
        },
      })
    : null;
  const handle = ({ request, response, url }: RequestContext): void => {
    const cookie = url.pathname === '/' ? identity.newViewerCookie(request) : null;
    if (cookie) response.setHeader('set-cookie', cookie);
    const missing = new OnairError('not-found', `There is nothing at ${url.pathname.slice(0, 200)}.`);
    if (!serve)
      throw new OnairError('unavailable', 'The web page is not built.', { action: 'Run make build.' });
    let found = true;
    serve(request, response, () => {
      found = false;
    });
    if (!found) throw missing;
  };
  return [{ method: 'GET', path: '/*', handle }];
}
