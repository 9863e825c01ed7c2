import { z } from 'zod';
import { settingsSchema } from '#core/domain/settings.ts';
import * as bodies from '#core/protocol/api.ts';
import * as operatorBodies from '#core/protocol/operator-api.ts';
import { version } from '#core/version.ts';
import type { Route } from '../http/router.ts';
import { type JsonSchema, namedSchemas, readableSettings } from './json-schemas.ts';
import { type AnswerDoc, isSchema, type RouteDoc } from './route-doc.ts';

const at = '#/components/schemas/';

/** Bodies by the name that they have in the documents: `statusBody` is `Status`. */
const named = new Map<z.ZodType, string>([
  [settingsSchema, 'Settings'],
  ...Object.entries({ ...bodies, ...operatorBodies }).flatMap(([name, schema]): [z.ZodType, string][] =>
    schema instanceof z.ZodType
      ? [[schema, `${name.slice(0, 1).toUpperCase()}${name.slice(1).replace(/Body$/, '')}`]]
      : [],
  ),
]);

/** A route that the documents speak of. */
export type DocumentedRoute = Route & { doc: RouteDoc };

export function documentedRoutes(routes: readonly Route[]): DocumentedRoute[] {
  return routes.filter((route): route is DocumentedRoute => route.doc !== undefined);
}

/** `/whep/:session` is `/whep/{session}` there, and what `*` takes is called `file`. */
export function pathOf(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{file}');
}

/** @throws Error where a route names a body that the schemas of the API don't have */
export function nameOf(schema: z.ZodType): string {
  const name = named.get(schema);
  if (name === undefined)
    throw new Error('a body of the API has no name in services/core/protocol/api.ts or operator-api.ts');
  return name;
}

/** Every body of the API by its name. */
export function namedBodies(): Record<string, z.ZodType> {
  return Object.fromEntries([...named].map(([schema, name]) => [name, schema]));
}

/** Who may use a route, in words. */
export function whoMay({ operator, doc }: DocumentedRoute): string {
  if (operator) return 'operator';
  if (doc.admits === 'host') return 'operator, or the host by its token';
  if (doc.admits === 'box') return "the box's own socket";
  return doc.admits === 'viewer' ? 'who may watch' : 'everybody';
}

/** The HTTP API as an OpenAPI 3.1 document, from the routes and the schemas of their bodies. */
export function openApiOf(routes: readonly Route[]): JsonSchema {
  const documented = documentedRoutes(routes);
  const paths: Record<string, Record<string, unknown>> = {};
  for (const route of documented) {
    const path = pathOf(route.path);
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  const { Settings: _, ...schemas } = namedSchemas(namedBodies(), { at });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Onair',
      version,
      summary: 'The HTTP API of an Onair box.',
      description:
        'GET routes answer HEAD too. Errors are problem documents (RFC 9457) with a stable `code`. Operator routes ' +
        "answer on the box's own socket, and on the network to who paired; others get 401. Web sockets are in " +
        '`/api/asyncapi.json`.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(documented.map(({ doc }) => doc.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: { ...schemas, Settings: readableSettings(settingsSchema) },
      responses: {
        Problem: {
          description: 'What is wrong, and what to do about it',
          content: { 'application/problem+json': { schema: { $ref: `${at}Problem` } } },
        },
      },
      securitySchemes: {
        viewerToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description: 'From POST /api/v1/streams/{id}/tokens; needed where watching takes a PIN.',
        },
        operatorCookie: {
          type: 'apiKey',
          in: 'cookie',
          name: 'onair_operator',
          description: 'From POST /api/v1/pairing, for browsers.',
        },
        operatorToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'From POST /api/v1/pairing with `as: token`, for programs.',
        },
        hostToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'As creating a session or room returned it.',
        },
      },
    },
  };
}

function operationOf(route: DocumentedRoute): JsonSchema {
  const { method, path, operator, doc } = route;
  const parameters = [...pathOf(path).matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  return {
    operationId: `${method.toLowerCase()}${pathOf(path).replace(/\W+(\w?)/g, (__, next) => next.toUpperCase())}`,
    tags: [doc.tag],
    summary: doc.summary,
    ...(doc.description ? { description: doc.description } : {}),
    ...(operator ? { 'x-operator': true, security: [{ operatorCookie: [] }, { operatorToken: [] }] } : {}),
    ...(doc.admits === 'viewer' ? { security: [{}, { viewerToken: [] }] } : {}),
    ...(doc.admits === 'host'
      ? { security: [{ hostToken: [] }, { operatorCookie: [] }, { operatorToken: [] }] }
      : {}),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(doc.request ? { requestBody: { content: contentOf(doc.request) } } : {}),
    responses: {
      ...Object.fromEntries(
        Object.entries(doc.answers).map(([status, answer]) => [status, answerOf(answer)]),
      ),
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function answerOf(answer: AnswerDoc): JsonSchema {
  if ('description' in answer && !isSchema(answer)) return { description: answer.description };
  const body = answer as z.ZodType | { type: string };
  return { description: isSchema(body) ? nameOf(body) : body.type, content: contentOf(body) };
}

function contentOf(body: z.ZodType | { type: string }): JsonSchema {
  if (isSchema(body)) return { 'application/json': { schema: { $ref: `${at}${nameOf(body)}` } } };
  return { [body.type]: {} };
}
