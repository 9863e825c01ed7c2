/** An answer that is no success; `code` is the stable word of problem+json, or `unreachable` for no answer at all. */
export class ApiError extends Error {
  /** 0 where there was no answer. */
  readonly status: number;
  readonly code: string;
  /** What to do about it, in the box's words. */
  readonly action: string | null;
  readonly retryAfterMs: number | null;

  constructor(options: {
    status: number;
    code: string;
    message: string;
    action?: string | null;
    retryAfterMs?: number | null;
  }) {
    super(options.message);
    this.name = 'ApiError';
    this.status = options.status;
    this.code = options.code;
    this.action = options.action ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
  }
}

/**
 * One call of the box's API (docs/api.md).
 * @param path "/api/v1/status"
 * @param options.body goes as JSON
 * @param options.timeoutMs after this nobody waits any more; 10 s unless told
 * @returns the JSON of the answer; null where it has none
 * @throws ApiError
 */
export async function callApi<Reply>(
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE',
  path: string,
  options: { body?: unknown; timeoutMs?: number } = {},
): Promise<Reply> {
  const { body, timeoutMs = 10_000 } = options;
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      cache: 'no-store',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined
        ? {}
        : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (error) {
    throw new ApiError({ status: 0, code: 'unreachable', message: String(error) });
  }
  const reply = parse(text);
  if (response.ok) return reply as Reply;
  const problem = reply as { code?: string; title?: string; action?: string } | null;
  const retryAfterSeconds = Number(response.headers.get('retry-after'));
  throw new ApiError({
    status: response.status,
    code: problem?.code ?? 'internal',
    message: problem?.title ?? `${response.status} ${response.statusText}`,
    action: problem?.action ?? null,
    retryAfterMs: retryAfterSeconds > 0 ? retryAfterSeconds * 1000 : null,
  });
}

/** Where the box takes web sockets. @param path "/ws", with its query */
export function socketAddress(path: string): string {
  return `${location.protocol.replace('http', 'ws')}//${location.host}${path}`;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
