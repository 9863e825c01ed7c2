import { type IncomingMessage, request } from 'node:http';
import { parseJson } from '../domain/json.ts';
import { ApiError } from '../protocol/client.ts';

export { ApiError as ControlApiError };

interface CallOptions {
  body?: unknown;
  signal?: AbortSignal | undefined;
  /** So long nothing may come; what is streamed may be silent for ever. */
  timeoutMs?: number | undefined;
}

const answerTimeoutMs = 15_000;

/** No answer that is read as a whole is longer. */
const maxAnswerCharacters = 8 * 1024 * 1024;

/** The HTTP API over the link: the box's own parts may do whatever an operator may. */
export class ControlApi {
  readonly #socketPath: string;

  /** @param options.socketPath control's Unix socket */
  constructor(options: { socketPath: string }) {
    this.#socketPath = options.socketPath;
  }

  /**
   * @returns the body of a 2xx answer; null where that is no JSON
   * @throws ControlApiError where the box refuses, or nothing answers in time
   */
  async call<Body>(method: string, path: string, options: CallOptions = {}): Promise<Body> {
    const response = await this.#ask(method, path, {
      ...options,
      timeoutMs: options.timeoutMs ?? answerTimeoutMs,
    });
    const text = await readText(response);
    return (parseJson(text) ?? null) as Body;
  }

  /**
   * The answer's text, line by line, until it ends.
   * @throws ControlApiError where the box refuses, or goes away meanwhile
   */
  async lines(path: string, onLine: (line: string) => void, options: CallOptions = {}): Promise<void> {
    const response = await this.#ask('GET', path, options);
    let rest = '';
    await read(response, (text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    });
    if (rest !== '') onLine(rest);
  }

  /**
   * Server-sent events from now on, each with its data.
   * @param onEnd control went away, the signal said so, or what is returned was called
   * @returns a function that ends it
   * @throws ControlApiError where the box refuses, or nothing answers
   */
  async follow<Data>(
    path: string,
    onData: (data: Data) => void,
    onEnd: () => void,
    options: Pick<CallOptions, 'signal'> = {},
  ): Promise<() => void> {
    const response = await this.#ask('GET', path, options);
    let rest = '';
    response.setEncoding('utf8');
    response.on('data', (text: string) => {
      const events = (rest + text).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const data = parseJson(/^data: (.*)$/m.exec(event)?.[1] ?? '');
        if (data !== undefined) onData(data as Data);
      }
    });
    response.on('error', () => {}); // 'close' follows
    response.on('close', onEnd);
    return () => response.destroy();
  }

  /** An answer of 2xx, not read yet. */
  async #ask(method: string, path: string, options: CallOptions): Promise<IncomingMessage> {
    const text = options.body === undefined ? undefined : JSON.stringify(options.body);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request({
        socketPath: this.#socketPath,
        method,
        path,
        ...(options.signal ? { signal: options.signal } : {}),
        timeout: options.timeoutMs ?? 0, // without a word of ours Node.js gives up after five seconds
        headers:
          text === undefined
            ? {}
            : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) },
      });
      outgoing.on('timeout', () => outgoing.destroy(new ApiError('link-broken', 'The box does not answer.')));
      outgoing.on('response', resolve);
      outgoing.on('error', (error) => reject(explain(error)));
      outgoing.end(text);
    });
    const status = response.statusCode ?? 500;
    if (status < 300) return response;
    const problem = parseJson(await readText(response));
    const { code, title, action } = (problem ?? {}) as { code?: string; title?: string; action?: string };
    throw new ApiError(code ?? 'internal', title ?? `The box answered ${status}.`, { status, action });
  }
}

function explain(error: NodeJS.ErrnoException): Error {
  if (error instanceof ApiError || error.name === 'AbortError') return error;
  if (error.code === 'EACCES') return new ApiError('not-allowed', 'This user may not speak to the box.');
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED')
    return new ApiError('not-running', 'Nothing is running there.');
  return new ApiError('link-broken', `The link to the box broke: ${error.message}.`);
}

async function readText(response: IncomingMessage): Promise<string> {
  let received = '';
  await read(response, (text) => {
    received += text;
    if (received.length > maxAnswerCharacters) response.destroy(new Error('the answer is too long'));
  });
  return received;
}

/** To the answer's end. @throws ControlApiError where it breaks off */
async function read(response: IncomingMessage, onText: (text: string) => void): Promise<void> {
  response.setEncoding('utf8');
  await new Promise<void>((resolve, reject) => {
    response.on('data', onText);
    response.on('end', resolve);
    response.on('error', (error) =>
      reject(
        error.name === 'AbortError'
          ? error
          : new ApiError('link-broken', 'The box went away in the middle of its answer.'),
      ),
    );
  });
}
