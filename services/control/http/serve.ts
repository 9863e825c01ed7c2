import type { ServerResponse } from 'node:http';
import type { z } from 'zod';
import { OnairError } from '#core/domain/errors.ts';
import { explain } from '#core/domain/explain.ts';
import {
  type AnswerBody,
  type Answers,
  type Endpoint,
  isSchema,
  type OtherBody,
  type PathParams,
} from '#core/protocol/endpoint.ts';
import { readJson, readText, requireMediaType, sendJson } from './body.ts';
import type { RequestContext, Route } from './router.ts';

type QueryOf<E extends Endpoint> = E['parameters'] extends z.ZodObject ? z.output<E['parameters']> : unknown;
type RequestBodyOf<E extends Endpoint> = E['body'] extends z.ZodType
  ? z.output<E['body']>
  : E['body'] extends OtherBody
    ? string
    : unknown;

/** A request that fits its endpoint: who sends it may, and path, query and body are as declared. */
export interface Served<E extends Endpoint> extends Omit<RequestContext, 'params'> {
  params: PathParams<E['path']>;
  query: QueryOf<E>;
  body: RequestBodyOf<E>;
}

type Headers = Readonly<Record<string, string | string[]>>;
type BodyOf<Body> = Body extends z.ZodType ? z.input<Body> : Body extends OtherBody ? string | Buffer : null;

/** An answer with its status, where an endpoint has several or headers are to go with it. */
export class Answer<Status extends number, Body> {
  readonly status: Status;
  readonly body: Body;
  readonly headers: Headers;

  constructor(status: Status, body: Body, headers: Headers = {}) {
    this.status = status;
    this.body = body;
    this.headers = headers;
  }
}

/** @param body null where the endpoint declares none */
export function answer<const Status extends number, Body>(
  status: Status,
  body: Body,
  headers: Headers = {},
): Answer<Status, Body> {
  return new Answer(status, body, headers);
}

/** What a handler returns that has written its response itself: a stream, say. */
export const streamed = Object.freeze({ streamed: true as const });

type IsUnion<Type, Whole = Type> = Type extends unknown ? ([Whole] extends [Type] ? false : true) : never;
/** With one declared status the body alone will do. */
type Alone<A extends Answers> =
  IsUnion<keyof A> extends true
    ? never
    : A[keyof A] extends z.ZodType
      ? z.input<A[keyof A]>
      : A[keyof A] extends OtherBody
        ? never
        : undefined;
type Declared<E extends Endpoint> = E['operatorAnswers'] extends Answers
  ? E['answers'] | E['operatorAnswers']
  : E['answers'];
type Explicit<A extends Answers> = A extends unknown
  ? { [Status in keyof A & number]: Answer<Status, BodyOf<A[Status]>> }[keyof A & number]
  : never;

/** What a handler may return. */
export type Reply<E extends Endpoint> = Explicit<Declared<E>> | Alone<E['answers']> | typeof streamed;

/**
 * Serves an endpoint: parses path, query and body as it declares them, and sends what the handler returns, whose type
 * the endpoint checks. What the handler throws becomes a problem document.
 */
export function serve<E extends Endpoint>(
  endpoint: E,
  handler: (request: Served<E>) => Promise<Reply<E>> | Reply<E>,
): Route {
  const { method, path, who, anyOrigin, body: bodyType, answers } = endpoint;
  const statuses = Object.keys(answers).map(Number);
  return {
    method,
    path,
    who,
    ...(anyOrigin ? { anyOrigin } : {}),
    ...(bodyType ? { body: bodyType } : {}),
    handle: async (context) => {
      const query = parseQuery(endpoint, context.url);
      const body = await readBody(endpoint, context);
      const reply = await handler({ ...context, query, body } as Served<E>);
      if (reply === streamed) return;
      const whole = (reply instanceof Answer ? reply : answer(statuses[0] ?? 200, reply ?? null)) as Answer<
        number,
        unknown
      >;
      send(context.response, whole, answers[whole.status]);
    },
  };
}

/** @throws OnairError `invalid-message` */
function parseQuery({ parameters }: Endpoint, url: URL): unknown {
  if (!parameters) return {};
  const parsed = parameters.safeParse(Object.fromEntries(url.searchParams));
  if (!parsed.success) throw new OnairError('invalid-message', explain(parsed.error));
  return parsed.data;
}

/** @throws OnairError, HttpProblem where it is not what the endpoint declares */
async function readBody({ body }: Endpoint, { request }: RequestContext): Promise<unknown> {
  if (body === undefined) return null;
  if (isSchema(body)) return await readJson(request, body);
  requireMediaType(request, body.type);
  if (body.streamed) return null;
  return await readText(request);
}

function send(
  response: ServerResponse,
  { status, body, headers }: Answer<number, unknown>,
  declared: AnswerBody | undefined,
): void {
  if (body === null) {
    response
      .writeHead(status, status === 204 || status === 304 ? headers : { 'content-length': 0, ...headers })
      .end();
    return;
  }
  if (typeof body !== 'string' && !Buffer.isBuffer(body)) {
    sendJson(response, status, body, headers);
    return;
  }
  response.writeHead(status, {
    ...(declared && 'type' in declared ? { 'content-type': declared.type } : {}),
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}
