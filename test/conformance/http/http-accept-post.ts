import { both, expect, type Requirement } from '../requirement.ts';
import { preflight } from './preflight.ts';

export const requirement: Requirement = {
  id: 'http-accept-post',
  group: 'http',
  kinds: both,
  section: { whep: '4.4', whip: '4.2' },
  level: 'SHOULD',
  requirement: 'OPTIONS says Accept-Post: application/sdp.',
  async check(context) {
    const { headers, status } = await preflight(context);
    const accepted = headers['accept-post'];
    expect(
      /application\/sdp/i.test(String(accepted)),
      `${status} without Accept-Post: application/sdp (${accepted ?? 'none'})`,
    );
    return `Accept-Post: ${accepted}`;
  },
};
