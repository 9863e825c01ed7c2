import { ApiError } from '#core/protocol/client.ts';
import type { Address, OtherBody } from '#core/protocol/endpoint.ts';

/**
 * Sends a file to the box; `fetch` does not tell how far it is.
 * @param path of the endpoint, filled in
 * @param sent told the part that has gone out, 0 to 1
 * @throws ApiError
 */
export function uploadFile(
  endpoint: Address & { readonly body: OtherBody },
  path: string,
  file: Blob,
  sent: (ratio: number) => void = () => {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(endpoint.method, path);
    request.setRequestHeader('content-type', endpoint.body.type);
    request.timeout = endpoint.timeoutMs ?? 0;
    request.upload.onprogress = ({ loaded, total }) => sent(total > 0 ? loaded / total : 0);
    const lost = (): void => reject(new ApiError('unreachable', 'The box did not answer.'));
    request.onerror = lost;
    request.ontimeout = lost;
    request.onload = () => {
      if (request.status < 300) resolve();
      else reject(problemOf(request));
    };
    sent(0);
    request.send(file);
  });
}

function problemOf({ status, responseText }: XMLHttpRequest): ApiError {
  try {
    const { code, title, action } = JSON.parse(responseText);
    return new ApiError(code, title, { status, action });
  } catch {
    return new ApiError('internal', `The box answered ${status}.`, { status });
  }
}
