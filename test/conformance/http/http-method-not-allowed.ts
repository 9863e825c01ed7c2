import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'http-method-not-allowed',
  group: 'http',
  kinds: both,
  section: 'RFC 9110, 15.5.6',
  level: 'SHOULD',
  requirement: 'A method that is not possible is answered 405 with Allow (or 501), not as if it were done.',
  async check(context) {
    const answer = await context.http.send('PUT', context.url, {
      headers: { 'content-type': 'application/sdp' },
      body: 'v=0\r\n',
    });
    expect([404, 405, 501].includes(answer.status), describe(answer));
    expect(answer.status !== 405 || answer.headers.allow !== undefined, '405 without Allow');
    return `${answer.status}${answer.headers.allow ? `, Allow: ${answer.headers.allow}` : ''}`;
  },
};
