import { type Context, describe } from './context.ts';
import type { HttpAnswer } from './http-client.ts';
import { ownOffer } from './sdp.ts';

const cleanUpMs = 5_000;

/**
 * Posts one offer, before a hundred requirements fail for one reason.
 * @returns what stands in the way of trying anything, or null
 */
export async function obstacleAt(context: Context): Promise<string | null> {
  const { url, kind, http } = context;
  try {
    return obstacleOf(await context.post(ownOffer(kind)), kind, http.token !== null);
  } catch (error) {
    return `no answer from ${url}: ${error instanceof Error ? error.message : error}`;
  } finally {
    await context.close(cleanUpMs);
  }
}

function obstacleOf(answer: HttpAnswer, kind: string, hasToken: boolean): string | null {
  const { status, url, text } = answer;
  if (status === 401 || status === 403)
    return hasToken
      ? `${url} does not take this token: ${describe(answer)}`
      : `${url} needs a token: --token TOKEN, or ONAIR_CONFORMANCE_TOKEN; ${describe(answer)}`;
  if (status === 404) return `${url} is not there, or nothing is published to it: ${describe(answer)}`;
  const isOther = status >= 200 && status < 300 && status !== 201 && !text.startsWith('v=0');
  if ([405, 501].includes(status) || isOther)
    return `${url} is no ${kind.toUpperCase()} endpoint: a POST of an offer is answered ${describe(answer)}`;
  return null;
}
