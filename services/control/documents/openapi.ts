import { z } from 'zod';
import type { ErrorCode } from '#core/domain/errors.ts';
import { settingsSchema } from '#core/domain/settings.ts';
import {
  type AnswerBody,
  documentedPath,
  type Endpoint,
  isSchema,
  type OtherBody,
  type Who,
} from '#core/protocol/endpoint.ts';
import { getAsyncApi } from '#core/protocol/endpoints/documents.ts';
import { bodies } from '#core/protocol/endpoints/table.ts';
import { version } from '#core/version.ts';
import { httpStatusByCode } from '../http/problem.ts';
import { type JsonSchema, namedSchemas, readableSettings, settingsPatchSchema } from './json-schemas.ts';

const at = '#/components/schemas/';

/** Bodies by the name that they have in the documents: `statusBody` is `Status`. */
const named = new Map<z.ZodType, string>(
  Object.entries(bodies).map(([name, schema]) => [
    schema,
    `${name.slice(0, 1).toUpperCase()}${name.slice(1).replace(/Body$/, '')}`,
  ]),
);

/** @throws Error where an endpoint names a body that its chapter does not export */
export function nameOf(schema: z.ZodType): string {
  const name = named.get(schema);
  if (name === undefined)
    throw new Error('a body of the API is not exported by its chapter in services/core/protocol/endpoints');
  return name;
}

/** Every body of the API by its name. */
export function namedBodies(): Record<string, z.ZodType> {
  return Object.fromEntries([...named].map(([schema, name]) => [name, schema]));
}

const whoInWords: Record<Who, string> = {
  everybody: 'everybody',
  viewer: 'who may watch',
  operator: 'operator',
  host: 'operator, or the host by its token',
  box: "the box's own socket",
};

/** Who may call an endpoint, in words. */
export function whoMay({ who }: Endpoint): string {
  return whoInWords[who];
}

/** The HTTP API as an OpenAPI 3.1 document, from the endpoints and the schemas of their bodies. */
export function openApiOf(documented: readonly Endpoint[]): JsonSchema {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const endpoint of documented) {
    const path = documentedPath(endpoint.path);
    paths[path] = { ...paths[path], [endpoint.method.toLowerCase()]: operationOf(endpoint) };
  }
  const { Settings: _, SettingsPatch: __, ...schemas } = namedSchemas(namedBodies(), { at });
  return {
    openapi: '3.1.0',
    info: {
      title: 'Onair',
      version,
      summary: 'The HTTP API of an Onair box.',
      description:
        'GET routes answer HEAD too. Errors are problem documents (RFC 9457) with a stable `code`. Operator routes ' +
        "answer on the box's own socket, and on the network to who paired; others get 401. Web sockets are in " +
        `\`${getAsyncApi.path}\`.`,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/' }],
    tags: [...new Set(documented.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: {
        ...schemas,
        Settings: readableSettings(settingsSchema),
        SettingsPatch: settingsPatchSchema(),
      },
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

const securityOf: Record<Who, object> = {
  everybody: {},
  viewer: { security: [{}, { viewerToken: [] }] },
  operator: { 'x-operator': true, security: [{ operatorCookie: [] }, { operatorToken: [] }] },
  host: { security: [{ hostToken: [] }, { operatorCookie: [] }, { operatorToken: [] }] },
  box: {},
};

const problem = { $ref: '#/components/responses/Problem' };

/** Codes that only HTTP knows, or one of its parts, by their status; others are in the taxonomy. */
const statusByOtherCode: Record<string, number> = {
  'ice-restart-refused': 422,
  'no-codec': 422,
  'precondition-failed': 412,
  'precondition-required': 428,
  timeout: 504,
  'wifi-unavailable': 503,
};

/**
 * The status of each refusal: of its own codes, and of what is checked before any handler: who asks, from where (the host
 * that a page was called by, the site of a page), path, query and body.
 */
export function problemStatusesOf({ path, who, parameters, body, errors = [] }: Endpoint): number[] {
  const own = errors.map((code) => {
    const ofWifi = code.startsWith('wifi-') ? 422 : undefined;
    const status = statusByOtherCode[code] ?? httpStatusByCode[code as ErrorCode] ?? ofWifi;
    if (status === undefined) throw new Error(`openapi.ts knows no status of the code ${code}`);
    return status;
  });
  const checks = [
    403,
    ...(who === 'operator' ? [401] : []),
    ...(who === 'viewer' ? [401, 429] : []),
    ...(parameters || body ? [400] : []),
    ...(/[:*]/.test(path) ? [404] : []),
    ...(body ? [413, 415] : []),
  ];
  return [...new Set([...own, ...checks])].sort((a, b) => a - b);
}

/** An empty body counts as `{}`, where that is enough. */
function isRequired(body: z.ZodType | OtherBody): boolean {
  return !isSchema(body) || !body.safeParse({}).success;
}

function operationOf(endpoint: Endpoint): JsonSchema {
  const { method, path, who, tag, summary, description, body, answers } = endpoint;
  const inPath = [...documentedPath(path).matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const parameters = [...inPath, ...queryOf(endpoint)];
  return {
    operationId: `${method.toLowerCase()}${documentedPath(path).replace(/\W+(\w?)/g, (__, next) => next.toUpperCase())}`,
    tags: [tag],
    summary,
    ...(description ? { description } : {}),
    ...securityOf[who],
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body ? { requestBody: { required: isRequired(body), content: contentOf(body) } } : {}),
    responses: {
      ...Object.fromEntries(problemStatusesOf(endpoint).map((status) => [status, problem])),
      ...Object.fromEntries(Object.entries(answers).map(([status, answer]) => [status, answerOf(answer)])),
      default: problem,
    },
    ...(endpoint.errors ? { 'x-error-codes': endpoint.errors } : {}),
  };
}

function queryOf({ parameters }: Endpoint): JsonSchema[] {
  if (!parameters) return [];
  const { properties = {} } = z.toJSONSchema(parameters, { io: 'input' }) as {
    properties?: Record<string, JsonSchema>;
  };
  return Object.entries(properties).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    ...(description ? { description } : {}),
    schema,
  }));
}

function answerOf(answer: AnswerBody): JsonSchema {
  if (isSchema(answer)) return { description: nameOf(answer), content: contentOf(answer) };
  if ('type' in answer) return { description: answer.type, content: contentOf(answer) };
  return { description: answer.description };
}

function contentOf(body: z.ZodType | OtherBody): JsonSchema {
  if (isSchema(body)) return { 'application/json': { schema: { $ref: `${at}${nameOf(body)}` } } };
  return { [body.type]: {} };
}
