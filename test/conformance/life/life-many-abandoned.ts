import { type Context, describe, locationOf } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

const sessions = 100;
/** For a server to see by itself that nobody came: as long as ICE waits for one (RFC 7675, 5.1). */
const patienceMs = 32_000;
const askEveryMs = 1_000;

export const requirement: Requirement = {
  id: 'life-many-abandoned',
  group: 'life',
  kinds: both,
  section: 'RFC 9110, 15.6.4',
  level: 'MUST',
  requirement:
    'A hundred sessions that are opened and left do no harm: each is 201, or 503, 409 or 429, and then a client gets in again, by DELETE at the latest.',
  alone: true,
  async check(context) {
    const seen = new Map<number, number>();
    const urls: string[] = [];
    for (let count = 0; count < sessions; count += 1) {
      const answer = await post(context);
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
      const url = answer.status === 201 ? locationOf(answer) : null;
      if (url !== null) urls.push(url);
    }
    const statuses = [...seen].map(([status, times]) => `${times} times ${status}`).join(', ');
    expect(
      [...seen.keys()].every((status) => [201, 409, 429, 503].includes(status)),
      statuses,
    );
    const sinceMs = performance.now();
    let last = await post(context);
    while (last.status !== 201 && performance.now() - sinceMs < patienceMs) {
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
      last = await post(context);
    }
    const tookMs = performance.now() - sinceMs;
    if (last.status !== 201) {
      for (const url of urls) await context.http.send('DELETE', url);
      last = await post(context);
      expect(last.status === 201, `${statuses}; after DELETE of all: ${describe(last)}`);
      return `${statuses}; a place only after DELETE`;
    }
    for (const url of urls) await context.http.send('DELETE', url);
    return `${statuses}; a place again after ${(tookMs / 1_000).toFixed(1)} s`;
  },
};

async function post(context: Context): ReturnType<Context['post']> {
  const answer = await context.http.send('POST', context.url, {
    headers: { 'content-type': 'application/sdp' },
    body: ownOffer(context.kind),
  });
  context.endLater(answer);
  return answer;
}
