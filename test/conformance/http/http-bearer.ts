import { describe } from '../context.ts';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-bearer',
  group: 'http',
  kinds: both,
  section: { whep: '4.9.1', whip: '4.7.1' },
  level: 'MUST',
  requirement:
    'Where a Bearer token is needed, a request without it is answered 401 with WWW-Authenticate, or 403.',
  async check(context) {
    if (context.http.token === null) throw new NotApplicable('no TOKEN was given');
    const request = { headers: { 'content-type': 'application/sdp' }, body: ownOffer(context.kind) };
    const answer = await context.http.sendAnonymously('POST', context.url, request);
    if (answer.status === 201) throw new NotApplicable('this server is open to everybody');
    expect([401, 403].includes(answer.status), describe(answer));
    expect(
      answer.status !== 401 || answer.headers['www-authenticate'] !== undefined,
      '401 without WWW-Authenticate',
    );
    return describe(answer);
  },
};
