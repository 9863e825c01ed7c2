import { describe } from '../context.ts';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-bearer-scheme-case',
  group: 'http',
  kinds: both,
  section: 'RFC 9110, 11.1',
  level: 'MUST',
  requirement: 'The name of the scheme may be in small letters: "authorization: bearer TOKEN".',
  async check(context) {
    if (context.http.token === null) throw new NotApplicable('no TOKEN was given');
    const answer = await context.post(ownOffer(context.kind), {
      'content-type': 'application/sdp',
      authorization: `bearer ${context.http.token}`,
    });
    if ([409, 503].includes(answer.status)) throw new NotApplicable(describe(answer));
    expect(answer.status === 201, describe(answer));
    return '201';
  },
};
