import {
  type AnswerOf,
  ApiClient,
  ApiError,
  type CallArguments,
  type CallOf,
  type ItemOf,
  type Transport,
} from '#core/protocol/client.ts';
import type { Endpoint } from '#core/protocol/endpoint.ts';

const client = new ApiClient(sendByFetch());
/** The box, as its operators may ask it. */
export const operatedBox = new ApiClient<'operator'>(sendByFetch());

/**
 * One call of the box's API (docs/api.md).
 * @returns the body of the answer; null where it has none
 * @throws ApiError with status null and the code `unreachable` where nothing answers
 */
export async function callApi<E extends Endpoint>(
  endpoint: E,
  ...call: CallArguments<E>
): Promise<AnswerOf<E>> {
  return await client.call(endpoint, ...call);
}

/** Every line of an answer of JSON lines. @throws ApiError */
export async function readLines<E extends Endpoint>(endpoint: E, call: CallOf<E>): Promise<ItemOf<E>[]> {
  const lines: ItemOf<E>[] = [];
  await client.lines(endpoint, call, (line) => lines.push(line));
  return lines;
}

/** Where the box takes web sockets. @param path "/ws", with its query */
export function socketAddress(path: string): string {
  return `${location.protocol.replace('http', 'ws')}//${location.host}${path}`;
}

function sendByFetch(): Transport {
  return async ({ method, path, headers, body, signal, timeoutMs }) => {
    const limits = [
      ...(signal ? [signal] : []),
      ...(timeoutMs === null ? [] : [AbortSignal.timeout(timeoutMs)]),
    ];
    try {
      const response = await fetch(path, {
        method,
        headers,
        cache: 'no-store',
        ...(body === undefined ? {} : { body }),
        ...(limits.length > 0 ? { signal: AbortSignal.any(limits) } : {}),
      });
      const text = await response.text();
      return {
        status: response.status,
        header: (name) => response.headers.get(name),
        text: async () => text,
        pieces: async function* () {
          yield text;
        },
      };
    } catch (error) {
      throw new ApiError('unreachable', String(error));
    }
  };
}
