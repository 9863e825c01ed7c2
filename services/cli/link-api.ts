import { type IncomingMessage, request } from 'node:http';
import type { Paths } from '#core/runtime/paths.ts';
import { CliError } from './cli-error.ts';

interface Answer {
  status: number;
  body: unknown;
}

/** The HTTP API over the link: what the command may do, the operator may do. */
export class LinkApi {
  readonly #paths: Paths;

  constructor(options: { paths: Paths }) {
    this.#paths = options.paths;
  }

  /**
   * @returns the body of a 2xx answer
   * @throws CliError 3 where nothing runs, 1 where the box refuses
   */
  async call<Body>(method: string, path: string, body?: unknown): Promise<Body> {
    const answer = await this.#send(method, path, body);
    if (answer.status < 300) return answer.body as Body;
    throw refusal(answer);
  }

  /**
   * Server-sent events from now on, each with its data.
   * @returns a function that ends it
   * @throws CliError 3 where nothing runs, 1 where the box refuses
   */
  async follow<Data>(path: string, onData: (data: Data) => void, onEnd: () => void): Promise<() => void> {
    return await new Promise((resolve, reject) => {
      const outgoing = request({ socketPath: this.#paths.controlSocket, path }, (response) => {
        if ((response.statusCode ?? 500) >= 300) {
          readAnswer(response).then((answer) => reject(refusal(answer)), reject);
          return;
        }
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          const events = (rest + text).split('\n\n');
          rest = events.pop() ?? '';
          for (const event of events) {
            const data = parse(/^data: (.*)$/m.exec(event)?.[1]);
            if (data !== null) onData(data as Data);
          }
        });
        response.on('close', onEnd);
        resolve(() => outgoing.destroy());
      });
      outgoing.on('error', (error) => reject(this.#explain(error)));
      outgoing.end();
    });
  }

  #send(method: string, path: string, body: unknown): Promise<Answer> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    const headers =
      text === undefined
        ? {}
        : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) };
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { socketPath: this.#paths.controlSocket, method, path, headers },
        (response) => {
          readAnswer(response).then(resolve, reject);
        },
      );
      outgoing.on('error', (error) => reject(this.#explain(error)));
      outgoing.end(text);
    });
  }

  #explain(error: NodeJS.ErrnoException): CliError {
    const where = this.#paths.runtimeDirectory;
    if (error.code === 'EACCES')
      return new CliError(1, `This user may not speak to the box in ${where}. Try with sudo.`);
    if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') {
      return new CliError(
        3,
        `No Onair is running in ${where}. Start one with onair demo, or name another with --state DIR.`,
      );
    }
    return new CliError(1, `The link to the box broke: ${error.message}.`);
  }
}

/** An answer to its end. @throws CliError 1 where it breaks off */
async function readAnswer(response: IncomingMessage): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    let received = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      received += chunk;
    });
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body: parse(received) }));
    response.on('error', () => reject(new CliError(1, 'The box went away in the middle of its answer.')));
  });
}

function refusal({ status, body }: Answer): CliError {
  const { title, action } = (body ?? {}) as { title?: string; action?: string };
  return new CliError(1, [title ?? `The box answered ${status}.`, action].filter(Boolean).join(' '));
}

/** Null for what is no JSON. */
function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return null;
  }
}
