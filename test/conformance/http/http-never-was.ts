import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-never-was',
  group: 'http',
  kinds: both,
  section: 'RFC 9110, 15.5.5',
  level: 'SHOULD',
  requirement: 'DELETE of a session that never was is refused with a 4xx, and ends no other.',
  async check(context) {
    const session = await context.open(ownOffer(context.kind));
    const url = new URL(session.url);
    url.pathname = url.pathname.replace(/[^/]+\/?$/, (name) => name.replace(/[0-9a-f]/gi, '0'));
    expect(url.href !== session.url, `a session’s URL is ${session.url}`);
    const answer = await context.http.send('DELETE', url.href);
    expect(answer.status >= 400 && answer.status < 500, describe(answer));
    const own = await session.end();
    expect(own.status >= 200 && own.status < 300, `afterwards DELETE of the real one: ${describe(own)}`);
    return String(answer.status);
  },
};
