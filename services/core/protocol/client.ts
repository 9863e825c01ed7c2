import type { z } from 'zod';
import { parseJson } from '../domain/json.ts';
import {
  type Answers,
  type Endpoint,
  isSchema,
  type OtherBody,
  type PathParams,
  pathFor,
  usualTimeoutMs,
} from './endpoint.ts';

/** What a client sends. */
export interface TransportRequest {
  method: string;
  /** With its query. */
  path: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  signal?: AbortSignal;
  /** How long the box may be silent; null where a stream may be silent for ever. */
  timeoutMs: number | null;
}

/** What came back; read once, whole or piece by piece. */
export interface TransportAnswer {
  status: number;
  header(name: string): string | null;
  text(): Promise<string>;
  pieces(): AsyncIterable<string>;
}

/** Carries a request to the box: the link's socket, HTTP, or a browser's fetch. @throws ApiError without an answer */
export type Transport = (request: TransportRequest) => Promise<TransportAnswer>;

/** A call that the box refused, or that did not reach it. */
export class ApiError extends Error {
  /** Of the answer's problem; `not-running`, `not-allowed`, `link-broken` or `unreachable` where there was none. */
  readonly code: string;
  /** Null where there was no answer. */
  readonly status: number | null;
  /** What to do about it, in the box's words. */
  readonly action: string | null;
  readonly retryAfterMs: number | null;

  constructor(
    code: string,
    message: string,
    more: { status?: number; action?: string | undefined; retryAfterMs?: number } = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = more.status ?? null;
    this.action = more.action ?? null;
    this.retryAfterMs = more.retryAfterMs ?? null;
  }
}

/** What a client may be told: what an operator is told, or what everybody is. */
export type Reader = 'operator' | 'everybody';

type Success = 200 | 201 | 202 | 204 | 206;
type Given<E extends Endpoint, R extends Reader> = R extends 'operator'
  ? E['operatorAnswers'] extends Answers
    ? E['operatorAnswers']
    : E['answers']
  : E['answers'];
type Succeeding<A extends Answers> = A[Extract<keyof A, Success>];
type BodyOf<Body> = Body extends z.ZodType ? z.output<Body> : Body extends OtherBody ? string : null;
type DataOf<Body> = Body extends { readonly data: infer Data extends z.ZodType } ? z.output<Data> : never;

/** The body of an endpoint's successful answer; null where it has none. */
export type AnswerOf<E extends Endpoint, R extends Reader = 'everybody'> = BodyOf<Succeeding<Given<E, R>>>;
/** Each line or event of an endpoint that streams. */
export type ItemOf<E extends Endpoint, R extends Reader = 'everybody'> = DataOf<Succeeding<Given<E, R>>>;

type ParamsPart<E extends Endpoint> = keyof PathParams<E['path']> extends never
  ? { params?: never }
  : { params: PathParams<E['path']> };
type QueryPart<E extends Endpoint> = E['parameters'] extends z.ZodObject
  ? { query?: Partial<z.input<E['parameters']>> }
  : { query?: never };
type BodyPart<E extends Endpoint> = E['body'] extends z.ZodType
  ? Record<never, never> extends z.input<E['body']>
    ? { body?: z.input<E['body']> }
    : { body: z.input<E['body']> }
  : E['body'] extends OtherBody
    ? { body: string }
    : { body?: never };

interface CallOptions {
  signal?: AbortSignal | undefined;
  /** Shorter than the endpoint's own, for who can't wait as long. */
  timeoutMs?: number | undefined;
}

/** What a call of an endpoint takes. */
export type CallOf<E extends Endpoint> = ParamsPart<E> & QueryPart<E> & BodyPart<E> & CallOptions;
/** May be left out where nothing of it is required. */
export type CallArguments<E extends Endpoint> =
  Record<never, never> extends CallOf<E> ? [call?: CallOf<E>] : [call: CallOf<E>];

/** As the endpoint's types allow, without them. */
interface LooseCall extends CallOptions {
  params?: Record<string, string>;
  query?: Record<string, unknown>;
  body?: unknown;
}

/** The typed client of the API: one for the command, the console, Improv, hubs, the web page, tests and the bench. */
export class ApiClient<R extends Reader = 'everybody'> {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /**
   * @returns the body of a 2xx answer
   * @throws ApiError where the box refuses, or nothing answers in time
   */
  async call<E extends Endpoint>(endpoint: E, ...[call]: CallArguments<E>): Promise<AnswerOf<E, R>> {
    const { timeoutMs = endpoint.timeoutMs ?? usualTimeoutMs, ...rest } = (call ?? {}) as LooseCall;
    const answer = await this.#send(endpoint, { ...rest, timeoutMs });
    const text = await answer.text();
    const type = answer.header('content-type') ?? 'application/json';
    return (/json\b/.test(type) ? (parseJson(text) ?? null) : text) as AnswerOf<E, R>;
  }

  /**
   * Each line of a stream of JSON lines, until it ends.
   * @throws ApiError where the box refuses, or goes away meanwhile
   */
  async lines<E extends Endpoint>(
    endpoint: E,
    call: CallOf<E>,
    onLine: (line: ItemOf<E, R>) => void,
  ): Promise<void> {
    const answer = await this.#send(endpoint, call as LooseCall);
    for await (const line of split(answer, '\n')) {
      const value = parseJson(line);
      if (value !== undefined) onLine(value as ItemOf<E, R>);
    }
  }

  /**
   * Server-sent events from now on, each with its data.
   * @param onEnd the box went away, or what is returned was called
   * @returns a function that ends it
   * @throws ApiError where the box refuses, or nothing answers
   */
  async follow<E extends Endpoint>(
    endpoint: E,
    onData: (data: ItemOf<E, R>) => void,
    onEnd: () => void,
    options: { signal?: AbortSignal } = {},
  ): Promise<() => void> {
    const end = new AbortController();
    const signal = options.signal ? AbortSignal.any([end.signal, options.signal]) : end.signal;
    const answer = await this.#send(endpoint, { signal, timeoutMs: null });
    const read = async (): Promise<void> => {
      for await (const event of split(answer, '\n\n')) {
        if (signal.aborted) return;
        const data = parseJson(/^data: (.*)$/m.exec(event)?.[1] ?? '');
        if (data !== undefined) onData(data as ItemOf<E, R>);
      }
    };
    void read()
      .catch(() => {})
      .then(onEnd);
    return () => end.abort();
  }

  async #send(
    endpoint: Endpoint,
    {
      params = {},
      query = {},
      body,
      signal,
      timeoutMs,
    }: Omit<LooseCall, 'timeoutMs'> & { timeoutMs?: number | null | undefined },
  ): Promise<TransportAnswer> {
    const other = endpoint.body === undefined || isSchema(endpoint.body) ? null : endpoint.body;
    const answer = await this.#transport({
      method: endpoint.method,
      path: pathFor<string>(endpoint, params as never, query),
      headers: body === undefined ? {} : { 'content-type': other?.type ?? 'application/json' },
      ...(body === undefined ? {} : { body: other ? String(body) : JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
      timeoutMs: timeoutMs ?? null,
    });
    if (answer.status < 300) return answer;
    throw await problemOf(answer);
  }
}

async function problemOf(answer: TransportAnswer): Promise<ApiError> {
  const { status } = answer;
  const problem = (parseJson(await answer.text()) ?? {}) as {
    code?: string;
    title?: string;
    action?: string;
  };
  const { code = 'internal', title = `The box answered ${status}.`, action } = problem;
  const retryAfterSeconds = Number(answer.header('retry-after'));
  return new ApiError(code, title, {
    status,
    action,
    ...(retryAfterSeconds > 0 ? { retryAfterMs: retryAfterSeconds * 1_000 } : {}),
  });
}

/** The pieces between separators; the last one too where it is not empty. */
async function* split(answer: TransportAnswer, separator: string): AsyncIterable<string> {
  let rest = '';
  for await (const piece of answer.pieces()) {
    const parts = (rest + piece).split(separator);
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (rest !== '') yield rest;
}
