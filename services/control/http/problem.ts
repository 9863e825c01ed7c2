import type { ServerResponse } from 'node:http';
import { type ErrorCode, OnairError } from '#core/domain/errors.ts';
import type { ProblemCode } from '#core/protocol/endpoint.ts';
import type { Logger } from '#core/runtime/logger.ts';

/** The taxonomy in HTTP's words. */
export const httpStatusByCode: Record<ErrorCode, number> = {
  'invalid-message': 400,
  'unknown-command': 404,
  'not-found': 404,
  conflict: 409,
  full: 503,
  unauthorized: 401,
  forbidden: 403,
  'rate-limited': 429,
  'version-mismatch': 400,
  unavailable: 503,
};

/** An error as `application/problem+json` (RFC 9457, a "problem document") with a stable `code`. */
export interface ProblemDocument {
  status: number;
  code: ProblemCode;
  title: string;
  action?: string;
  headers?: Record<string, string>;
  /** Members of a dialect's own beside the standard ones (RFC 9457, 3.2). */
  extensions?: Record<string, string>;
}

/** The body of `application/problem+json`. */
export function problemJson({ status, code, title, action, extensions }: ProblemDocument): string {
  return JSON.stringify({
    type: 'about:blank',
    status,
    code,
    title,
    ...(action ? { action } : {}),
    ...extensions,
  });
}

/** Answers with a problem; once an answer is under way it can only be cut off. */
export function sendProblem(response: ServerResponse, problem: ProblemDocument): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const body = problemJson(problem);
  response.writeHead(problem.status, {
    'content-type': 'application/problem+json',
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    ...problem.headers,
  });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

/** Renders whatever was thrown; what nobody meant to throw is logged and goes out as `internal`. */
export function problemOf(error: unknown, logger: Logger): ProblemDocument {
  if (error instanceof HttpProblem) return error.problem;
  if (error instanceof OnairError) {
    return {
      status: httpStatusByCode[error.code],
      code: error.code,
      title: error.message,
      ...(error.action ? { action: error.action } : {}),
      ...(error.retryAfterSeconds ? { headers: { 'retry-after': String(error.retryAfterSeconds) } } : {}),
    };
  }
  logger.error({ err: error }, 'a request failed unexpectedly');
  return { status: 500, code: 'internal', title: 'Something went wrong inside the box; its log says more.' };
}

/** An error that only HTTP knows (method, media type, size). */
export class HttpProblem extends Error {
  readonly problem: ProblemDocument;

  constructor(problem: ProblemDocument) {
    super(problem.title);
    this.name = 'HttpProblem';
    this.problem = problem;
  }
}
