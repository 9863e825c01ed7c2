import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-redirect',
  group: 'http',
  kinds: both,
  section: { whep: '4.7', whip: '4.5' },
  level: 'MUST',
  requirement: 'A POST is not redirected with 301 or 302.',
  async check(context) {
    const request = { headers: { 'content-type': 'application/sdp' }, body: ownOffer(context.kind) };
    const answer = await context.http.send('POST', context.url, request);
    context.endLater(answer);
    const { status, headers } = answer;
    expect(status !== 301 && status !== 302, `${status} to ${headers.location}`);
    return status >= 300 && status < 400 ? `${status} to ${headers.location}` : `${status}: no redirect`;
  },
};
