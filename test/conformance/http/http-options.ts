import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { preflight } from './preflight.ts';

export const requirement: Requirement = {
  id: 'http-options',
  group: 'http',
  kinds: both,
  section: { whep: '4.4', whip: '4.2' },
  level: 'MUST',
  requirement: 'The endpoint answers OPTIONS for CORS (Fetch) with success.',
  async check(context) {
    const answer = await preflight(context);
    expect(answer.status >= 200 && answer.status < 300, describe(answer));
    return String(answer.status);
  },
};
