import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { extname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { OnairError } from '#core/domain/errors.ts';
import { isSecure } from '../access/request-credentials.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import { type LinkPreview, previewMark, previewTags } from './link-preview.ts';
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
  /** Null leaves the page as it was built. */
  linkPreview?: () => LinkPreview;
}): Route[] {
  const { directory, identity, httpsPort, linkPreview } = options;
  const files = new PageFiles(directory);
  const handle = async ({ request, response, url }: RequestContext): Promise<void> => {
    if (!files.built)
      throw new OnairError('unavailable', 'The web page is not built.', { action: 'Run make build.' });
    const path = files.find(url.pathname);
    if (path === null)
      throw new OnairError('not-found', `There is nothing at ${url.pathname.slice(0, 200)}.`);
    const origin = `${isSecure(request) ? 'https' : 'http'}://${request.headers.host ?? ''}`;
    const tags = url.pathname === '/' && linkPreview ? previewTags(linkPreview(), origin) : null;
    // What is put together for one request is not packed over TLS: its length would tell what stands in it (BREACH).
    const mayPack = tags === null || !isSecure(request);
    const gzip =
      mayPack && files.has(`${path}.gz`) && /\bgzip\b/.test(String(request.headers['accept-encoding']));
    const { bytes, etag } =
      tags === null ? await files.read(gzip ? `${path}.gz` : path) : await files.readWith(path, tags, gzip);
    const cookie = url.pathname === '/' ? identity.newViewerCookie(request) : null;
    // A policy cannot name an IPv6 address (CSP3, 2.3.1): pages at one look for HTTPS in vain.
    const host = /^[\w.-]+/.exec(request.headers.host ?? '')?.[0];
    const port = httpsPort();
    const secure = host !== undefined && port !== null;
    const headers: Record<string, string> = {
      ...pageHeaders,
      ...(secure ? { 'content-security-policy': contentSecurityPolicy(` https://${host}:${port}`) } : {}),
      'cache-control': path.startsWith('assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      ...(cookie ? { 'set-cookie': cookie } : {}),
      ...(files.has(`${path}.gz`) ? { vary: 'Accept-Encoding' } : {}),
      etag,
    };
    const known = request.headers['if-none-match']?.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    if (known?.includes(etag)) {
      response.writeHead(304, headers).end();
      return;
    }
    response.writeHead(200, {
      ...headers,
      'content-type': contentTypes[extname(path)] ?? 'application/octet-stream',
      'content-length': bytes.length,
      ...(gzip ? { 'content-encoding': 'gzip' } : {}),
    });
    response.end(request.method === 'HEAD' ? undefined : bytes);
  };
  return [{ method: 'GET', path: '/*', who: 'everybody', handle }];
}

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css;charset=utf-8',
  '.html': 'text/html;charset=utf-8',
  '.js': 'text/javascript;charset=utf-8',
  '.json': 'application/json;charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.webmanifest': 'application/manifest+json',
};

interface PageFile {
  bytes: Buffer;
  etag: string;
}

/**
 * The files of the page, a megabyte in all, each kept in memory once it was read: neither a worn card nor a shortage
 * of file descriptors takes away a page that was shown before. Only what was there at the start is served.
 */
class PageFiles {
  readonly #directory: string;
  readonly #names: ReadonlySet<string>;
  readonly #kept = new Map<string, Promise<PageFile>>();
  /** What was asked for last: nearly all who come get the same. */
  #previewed: { key: string; from: Buffer; file: PageFile } | null = null;

  constructor(directory: string) {
    this.#directory = directory;
    this.#names = new Set(namesIn(directory));
  }

  get built(): boolean {
    return this.#names.size > 0;
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** "/" is index.html, "/studio" is studio/index.html; null for what is not there, or not meant to be seen. */
  find(pathname: string): string | null {
    const path = pathname.replace(/^\//, '').replace(/\/$/, '');
    const wanted = path === '' ? ['index.html'] : [path, `${path}/index.html`];
    return wanted.find((name) => this.#names.has(name) && !/(^|\/)\.|\.gz$/.test(name)) ?? null;
  }

  /** @throws OnairError `not-found` for what is gone, `unavailable` for what cannot be read now */
  async read(name: string): Promise<PageFile> {
    const reading = this.#kept.get(name) ?? this.#load(name);
    this.#kept.set(name, reading);
    try {
      return await reading;
    } catch (error) {
      this.#kept.delete(name); // it may be there the next time
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') throw new OnairError('not-found', `The file ${name} is gone from this box.`);
      throw new OnairError('unavailable', `The file ${name} cannot be read (${code}).`, {
        action: 'Try again. If it stays so, the card may be worn out: run onair doctor.',
        retryAfterSeconds: 1,
      });
    }
  }

  /** The same with the tags of a preview in it. */
  async readWith(name: string, tags: string, gzip: boolean): Promise<PageFile> {
    const { bytes } = await this.read(name);
    const key = `${gzip} ${tags}`;
    if (this.#previewed?.key === key && this.#previewed.from === bytes) return this.#previewed.file;
    const html = Buffer.from(bytes.toString().replace(previewMark, () => tags));
    const file = pageFile(gzip ? gzipSync(html) : html);
    this.#previewed = { key, from: bytes, file };
    return file;
  }

  async #load(name: string): Promise<PageFile> {
    return pageFile(await readFile(join(this.#directory, name)));
  }
}

function pageFile(bytes: Buffer): PageFile {
  return { bytes, etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"` };
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(directory, join(entry.parentPath, entry.name)));
  } catch {
    return []; // it was never built
  }
}
