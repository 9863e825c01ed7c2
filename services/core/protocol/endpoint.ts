import type { z } from 'zod';
import type { ErrorCode } from '../domain/errors.ts';

/**
 * Who may call an endpoint. `everybody`: no check. `viewer`: those who may watch. `operator`: those who paired, and the
 * box's own socket. `host`: an operator, or the host of the room by its token (the handler checks that). `box`: its own
 * socket alone.
 */
export type Who = 'everybody' | 'viewer' | 'operator' | 'host' | 'box';

/** A body that is not JSON, by its media type; `data` is the shape of each event or line of a stream. */
export interface OtherBody {
  readonly type: string;
  /** Of a request: too large to be held, the handler reads it as it comes. */
  readonly streamed?: true;
  readonly data?: z.ZodType;
}

/** An answer without a body, and what it means. */
export interface NoBody {
  readonly description: string;
}

export type AnswerBody = z.ZodType | OtherBody | NoBody;
export type Answers = Readonly<Record<number, AnswerBody>>;

/** What an error of an endpoint may be called beyond the taxonomy: `wifi-not-found`. */
export type ProblemCode =
  | ErrorCode
  | 'internal'
  | 'locked'
  | 'method-not-allowed'
  | 'precondition-failed'
  | 'timeout'
  | 'too-large'
  | 'unsupported-media-type'
  | (string & {});

/** One endpoint of the HTTP API as data: check, types, documents and clients all come from it. */
export interface Endpoint {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** `/api/v1/devices/:device`; a segment may end in a fixed suffix (`:id.mp4`), a last `*` takes the rest. */
  readonly path: string;
  readonly who: Who;
  /** Query parameters; values arrive as strings, so numbers are coerced. */
  readonly parameters?: z.ZodObject;
  /** The request's body: a schema for JSON, else its media type. Without one no body is read. */
  readonly body?: z.ZodType | OtherBody;
  /** By status. */
  readonly answers: Answers;
  /** Where operators and the box's own socket are told more. */
  readonly operatorAnswers?: Answers;
  /** Codes that are this endpoint's own, beside those that the check of request and authority raises everywhere. */
  readonly errors?: readonly ProblemCode[];
  /** One line. */
  readonly summary: string;
  /** More, where one line is not enough. */
  readonly description?: string;
  /** The chapter of docs/api.md. */
  readonly tag: string;
  /**
   * Pages of the sites that `viewing.embedOrigins` names may call it too, without credentials; with `bearer` pages of any
   * site: what admits is a token that no browser sends by itself.
   */
  readonly anyOrigin?: true | 'bearer';
  /** How long clients wait for an answer, where it takes longer than usual. */
  readonly timeoutMs?: number;
}

/** Declares an endpoint, keeping its exact type. */
export function endpoint<const E extends Endpoint>(definition: E): E {
  return definition;
}

/** How long clients wait for an answer, unless the endpoint says otherwise. */
export const usualTimeoutMs = 15_000;

type Flat<Type> = { [Key in keyof Type]: Type[Key] };
type BareName<Name extends string> = Name extends `${infer Bare}.${string}` ? Bare : Name;

/** What stands for `:name` in a path, and for its `*` as `file`. */
export type PathParams<Path extends string> = Flat<
  Path extends `${string}:${infer Name}/${infer Rest}`
    ? Record<BareName<Name>, string> & PathParams<`/${Rest}`>
    : Path extends `${string}:${infer Name}`
      ? Record<BareName<Name>, string>
      : Path extends `${string}*`
        ? { file: string }
        : unknown
>;

/** The part of an endpoint that addresses it: all that a web page needs. */
export type Address = Pick<Endpoint, 'method' | 'path' | 'timeoutMs'>;

/**
 * The path of a request.
 * @param params.file what stands for `*`; its slashes stay
 * @param query left out where undefined
 */
export function pathFor<Path extends string>(
  { path }: { readonly path: Path },
  params: PathParams<Path>,
  query: Readonly<Record<string, unknown>> = {},
): string {
  const values = params as Readonly<Record<string, string>>;
  const filled = path
    .replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(values[name] ?? ''))
    .replace(/\*$/, () => (values.file ?? '').split('/').map(encodeURIComponent).join('/'));
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)]));
  return search.size > 0 ? `${filled}?${search}` : filled;
}

/** The same path as the documents write it: `/api/v1/devices/{device}`, `/hls/{file}`. */
export function documentedPath(path: string): string {
  return path.replace(/:(\w+)/g, '{$1}').replace(/\*$/, '{file}');
}

/** Whether a body is JSON by a schema. */
export function isSchema(body: AnswerBody): body is z.ZodType {
  return 'safeParse' in body;
}
