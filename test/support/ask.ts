import { type IncomingHttpHeaders, request } from 'node:http';

/** Far more than any answer takes, that of a long poll on a slow machine included: it is never coming. */
const patienceMs = 60_000;

/** An HTTP answer, read to its end. */
export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The body where it is JSON, else null. */
  json: { code?: string; title?: string; action?: string; [key: string]: unknown } | null;
}

/**
 * One HTTP request with exactly these headers (also Host and Origin, which fetch would not send).
 * @param url "http://127.0.0.1:8080/whep"
 */
export async function ask(
  method: string,
  url: string,
  options: { headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const outgoing = request(url, {
      method,
      headers: options.headers ?? {},
      agent: false,
      timeout: patienceMs,
    });
    outgoing.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: parse(text) }),
      );
    });
    outgoing.on('timeout', () => outgoing.destroy(new Error(`${method} ${url}: no answer`)));
    outgoing.on('error', reject);
    outgoing.end(options.body);
  });
}

function parse(text: string): Answer['json'] {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
