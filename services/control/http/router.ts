import type { IncomingMessage, ServerResponse } from 'node:http';
import { OnairError } from '#core/domain/errors.ts';
import { type Endpoint, isSchema } from '#core/protocol/endpoint.ts';
import type { Viewer } from '../access/viewer-identity.ts';
import { HttpProblem } from './problem.ts';

/** How a request came in: over the box's own socket it may do everything (design.md, "Trust"). */
export type Authority = 'link' | 'network';

export interface RequestContext {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  /** What stood for `:name` in the route's path, decoded. */
  params: Readonly<Record<string, string>>;
  authority: Authority;
  /** Which operator asks; null where none does, and over the link, which may do all the same. */
  operatorId: string | null;
  /** Who watches, where an endpoint is for viewers. */
  viewer: Viewer | null;
}

/** Whether a request may do what only the operator may. */
export function mayOperate({
  authority,
  operatorId,
}: Pick<RequestContext, 'authority' | 'operatorId'>): boolean {
  return authority === 'link' || operatorId !== null;
}

/** Who answers what: an endpoint as `serve` made it, or the web page. */
export interface Route extends Pick<Endpoint, 'who' | 'path' | 'body' | 'anyOrigin'> {
  method: Endpoint['method'] | 'OPTIONS';
  handle: (context: RequestContext) => Promise<void> | void;
}

interface Match {
  route: Route;
  params: Record<string, string>;
}

/** Finds who answers a request. */
export class Router {
  /** By the first segment of their paths; those that begin with anything stand under the empty name. */
  readonly #byFirstSegment = new Map<string, { route: Route; parts: string[] }[]>();

  constructor(routes: readonly Route[]) {
    for (const route of withPreflights(routes)) {
      const parts = route.path.split('/');
      const first = /^[:*]/.test(parts[1] ?? '') ? '' : (parts[1] ?? '');
      const together = this.#byFirstSegment.get(first) ?? [];
      together.push({ route, parts });
      this.#byFirstSegment.set(first, together);
    }
  }

  /**
   * HEAD is answered by what answers GET. Of the patterns that fit, the closest one counts.
   * @throws OnairError `not-found`, HttpProblem 405 with `Allow`
   */
  find(method: string, pathname: string): Match {
    const parts = pathname.split('/');
    const first = parts[1] ?? '';
    const candidates = [
      ...(this.#byFirstSegment.get(first) ?? []),
      ...(first === '' ? [] : (this.#byFirstSegment.get('') ?? [])),
    ];
    const fitting = candidates.flatMap(({ route, parts: pattern }) => {
      const params = matchParts(pattern, parts);
      return params ? [{ route, params, closeness: closenessOf(pattern) }] : [];
    });
    const closest = Math.max(...fitting.map(({ closeness }) => closeness));
    const samePath = fitting.filter(({ closeness }) => closeness === closest);
    const wanted = method === 'HEAD' ? 'GET' : method;
    const found = samePath.find(({ route }) => route.method === wanted);
    if (found) return found;
    if (samePath.length === 0 || closest === catchAll) {
      throw new OnairError('not-found', `There is nothing at ${pathname.slice(0, 200)}.`, {
        subject: 'path',
      });
    }
    const methods = samePath.flatMap(({ route: { method: one } }) =>
      one === 'GET' ? ['GET', 'HEAD'] : [one],
    );
    const allow = [...new Set(methods)].join(', ');
    throw new HttpProblem({
      status: 405,
      code: 'method-not-allowed',
      title: `${method} is not possible here, only ${allow}.`,
      headers: { allow },
    });
  }
}

/** Where other origins may call, their browsers ask first (Fetch, "CORS preflight"): the body types are told with it. */
function withPreflights(routes: readonly Route[]): Route[] {
  const paths = new Map(
    routes.flatMap(({ path, anyOrigin }) => (anyOrigin ? [[path, anyOrigin] as const] : [])),
  );
  const preflights = [...paths].flatMap(([path, anyOrigin]): Route[] => {
    const samePath = routes.filter((route) => route.path === path);
    if (samePath.some(({ method }) => method === 'OPTIONS')) return [];
    const accepted = samePath.flatMap(({ method, body }): [string, string][] => {
      return body && !isSchema(body) ? [[`accept-${method.toLowerCase()}`, body.type]] : [];
    });
    const headers = Object.fromEntries(accepted);
    // WHEP asks for 200 with them; a preflight alone has no content.
    const handle: Route['handle'] = ({ response }) => {
      if (accepted.length === 0) response.writeHead(204).end();
      else response.writeHead(200, { ...headers, 'content-length': 0 }).end();
    };
    return [{ method: 'OPTIONS', path, who: 'everybody', anyOrigin, handle }];
  });
  return [...routes, ...preflights];
}

/** `/*` says nothing about what is there. */
const catchAll = 1;

/** Of two patterns that fit, the one that leaves less open is meant. */
function closenessOf(pattern: readonly string[]): number {
  return pattern.at(-1) === '*' ? pattern.length - 1 : Number.POSITIVE_INFINITY;
}

/** The parameters with which a path fits a route's pattern; null where it doesn't. */
export function matchPath(pattern: string, pathname: string): Record<string, string> | null {
  return matchParts(pattern.split('/'), pathname.split('/'));
}

function matchParts(pattern: readonly string[], parts: readonly string[]): Record<string, string> | null {
  const open = pattern.at(-1) === '*';
  if (open ? parts.length < pattern.length : parts.length !== pattern.length) return null;
  const params: Record<string, string> = {};
  for (const [index, name] of pattern.entries()) {
    const part = parts[index] ?? '';
    if (name === '*') return params;
    if (!name.startsWith(':')) {
      if (name !== part) return null;
      continue;
    }
    const [, key = '', suffix = ''] = /^:(\w+)(.*)$/.exec(name) ?? [];
    if (!part.endsWith(suffix)) return null;
    try {
      params[key] = decodeURIComponent(part.slice(0, part.length - suffix.length));
    } catch {
      return null;
    }
  }
  return params;
}
