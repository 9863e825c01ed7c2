import { type IncomingHttpHeaders, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';

export interface HttpAnswer {
  /** Whose answer it is: what a relative Location is relative to. */
  url: string;
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

export interface HttpRequest {
  headers?: Record<string, string>;
  body?: string;
}

/** A machine that has much to do answers late, and is not wrong for that. */
const timeoutMs = 20_000;
const maxBodyBytes = 1_000_000;

/** One request as it stands: redirects are not followed, nothing is added but the Bearer token. */
export class HttpClient {
  readonly #token: string | null;

  constructor(token: string | null) {
    this.#token = token;
  }

  get token(): string | null {
    return this.#token;
  }

  /** @throws Error where there is no answer */
  async send(method: string, url: string, { headers = {}, body }: HttpRequest = {}): Promise<HttpAnswer> {
    const authorization = this.#token === null ? {} : { authorization: `Bearer ${this.#token}` };
    return await exchange(method, url, {
      headers: { ...authorization, ...headers },
      ...(body === undefined ? {} : { body }),
    });
  }

  /** The same without the token. */
  async sendAnonymously(method: string, url: string, request: HttpRequest = {}): Promise<HttpAnswer> {
    return await exchange(method, url, request);
  }
}

function exchange(method: string, url: string, { headers, body }: HttpRequest): Promise<HttpAnswer> {
  const target = new URL(url);
  const send = target.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const outgoing = send(target, {
      method,
      headers: { ...length, ...headers },
      // A box in the house has a certificate of its own; what is tested here is another matter.
      ...(target.protocol === 'https:' ? { rejectUnauthorized: false } : {}),
    });
    outgoing.setTimeout(timeoutMs, () =>
      outgoing.destroy(new Error(`${method} ${url}: no answer in ${timeoutMs / 1_000} s`)),
    );
    outgoing.on('error', (error) => reject(firstOf(error)));
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
        if (text.length > maxBodyBytes) outgoing.destroy(new Error('the answer is larger than 1 MB'));
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ url, status: response.statusCode ?? 0, headers: response.headers, text }),
      );
    });
    outgoing.end(body);
  });
}

/** Of a name with several addresses Node.js tries each, and says nothing but how many errors there were. */
const firstOf = (error: Error): Error =>
  error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
