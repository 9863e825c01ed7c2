import { describe } from '../context.ts';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-bearer-wrong',
  group: 'http',
  kinds: both,
  section: { whep: '4.9.1', whip: '4.7.1' },
  level: 'MUST',
  requirement: 'Where a Bearer token is needed, another one is answered 401 or 403.',
  async check(context) {
    if (context.http.token === null) throw new NotApplicable('no TOKEN was given');
    const headers = { 'content-type': 'application/sdp' };
    const request = { headers, body: ownOffer(context.kind) };
    const anonymous = await context.http.sendAnonymously('POST', context.url, request);
    context.endLater(anonymous);
    if (anonymous.status === 201) throw new NotApplicable('this server is open to everybody');
    const answer = await context.post(request.body, {
      ...headers,
      authorization: `Bearer ${context.http.token.slice(0, -1)}`,
    });
    expect([401, 403].includes(answer.status), describe(answer));
    return describe(answer);
  },
};
