import { type IncomingMessage, request } from 'node:http';
import { ApiError, type Transport, type TransportAnswer } from '../protocol/client.ts';

/** No answer that is read as a whole is longer. */
const maxAnswerCharacters = 8 * 1024 * 1024;

/**
 * The HTTP API over the link: the box's own parts may do whatever an operator may.
 * @param socketPath control's Unix socket
 */
export function linkTransport(socketPath: string): Transport {
  return async ({ method, path, headers, body, signal, timeoutMs }) => {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = request({
        socketPath,
        method,
        path,
        ...(signal ? { signal } : {}),
        timeout: timeoutMs ?? 0, // without a word of ours Node.js gives up after five seconds
        headers: body === undefined ? headers : { ...headers, 'content-length': Buffer.byteLength(body) },
      });
      outgoing.on('timeout', () => outgoing.destroy(new ApiError('link-broken', 'The box does not answer.')));
      outgoing.on('response', resolve);
      outgoing.on('error', (error) => reject(explain(error)));
      outgoing.end(body);
    });
    return answerOf(response, signal);
  };
}

function answerOf(response: IncomingMessage, signal: AbortSignal | undefined): TransportAnswer {
  response.setEncoding('utf8');
  return {
    status: response.statusCode ?? 500,
    header: (name) => {
      const value = response.headers[name.toLowerCase()];
      return value === undefined ? null : String(value);
    },
    text: async () => {
      let received = '';
      for await (const piece of piecesOf(response, signal)) {
        received += piece;
        if (received.length > maxAnswerCharacters) throw new Error('the answer is too long');
      }
      return received;
    },
    pieces: () => piecesOf(response, signal),
  };
}

/** To the answer's end; who stops reading closes the connection. @throws ApiError where it breaks off */
async function* piecesOf(response: IncomingMessage, signal: AbortSignal | undefined): AsyncIterable<string> {
  try {
    yield* response;
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof Error && error.name === 'AbortError') throw error;
    throw new ApiError('link-broken', 'The box went away in the middle of its answer.');
  }
}

function explain(error: NodeJS.ErrnoException): Error {
  if (error instanceof ApiError || error.name === 'AbortError') return error;
  if (error.code === 'EACCES') return new ApiError('not-allowed', 'This user may not speak to the box.');
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED')
    return new ApiError('not-running', 'Nothing is running there.');
  return new ApiError('link-broken', `The link to the box broke: ${error.message}.`);
}
