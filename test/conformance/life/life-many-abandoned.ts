import { locationOf } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'life-many-abandoned',
  group: 'life',
  kinds: both,
  section: 'RFC 9110, 15.6.4',
  level: 'MUST',
  requirement:
    'A hundred sessions that are opened and left do no harm: each is 201, or 503 or 429, and afterwards a viewer gets in.',
  alone: true,
  async check(context) {
    const seen = new Map<number, number>();
    const urls: string[] = [];
    for (let count = 0; count < 100; count += 1) {
      const answer = await context.http.send('POST', context.url, {
        headers: { 'content-type': 'application/sdp' },
        body: ownOffer(context.kind),
      });
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
      const url = answer.status === 201 ? locationOf(answer, context.url) : null;
      if (url !== null) urls.push(url);
    }
    const statuses = [...seen].map(([status, times]) => `${times} times ${status}`).join(', ');
    expect(
      [...seen.keys()].every((status) => [201, 409, 429, 503].includes(status)),
      statuses,
    );
    for (const url of urls) await context.http.send('DELETE', url);
    await context.open(ownOffer(context.kind));
    return statuses;
  },
};
