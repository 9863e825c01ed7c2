import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-get-session',
  group: 'http',
  kinds: both,
  section: { whep: '4.1', whip: '4.1' },
  level: 'MUST',
  requirement: 'GET of a session is answered 2xx without content.',
  async check(context) {
    const { url } = await context.open(ownOffer(context.kind));
    const answer = await context.http.send('GET', url);
    expect(answer.status >= 200 && answer.status < 300 && answer.text === '', describe(answer));
    return String(answer.status);
  },
};
