import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'http-post-malformed',
  group: 'http',
  kinds: both,
  section: { whep: '4.3.4', whip: '4.2' },
  level: 'MUST',
  requirement: 'A malformed offer is rejected with a 4xx.',
  async check(context) {
    const seen = [];
    for (const body of ['this is no SDP', 'v=0\r\nm=video\r\n', '']) {
      const answer = await context.post(body);
      expect(answer.status >= 400 && answer.status < 500, `${JSON.stringify(body)}: ${describe(answer)}`);
      seen.push(answer.status);
    }
    return seen.join(', ');
  },
};
