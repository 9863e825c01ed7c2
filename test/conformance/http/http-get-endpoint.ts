import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'http-get-endpoint',
  group: 'http',
  kinds: both,
  section: { whep: '4.1', whip: '4.1' },
  level: 'MUST',
  requirement: 'GET of the endpoint is answered 2xx without content.',
  async check(context) {
    const answer = await context.http.send('GET', context.url);
    expect(answer.status >= 200 && answer.status < 300 && answer.text === '', describe(answer));
    return String(answer.status);
  },
};
