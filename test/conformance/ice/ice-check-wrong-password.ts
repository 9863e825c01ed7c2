import { both, expect, type Requirement } from '../requirement.ts';
import { checkServer } from './check-server.ts';

export const requirement: Requirement = {
  id: 'ice-check-wrong-password',
  group: 'ice',
  kinds: both,
  section: 'RFC 8489, 9.1.3',
  level: 'MUST',
  requirement: 'A check under a wrong password is not answered with success.',
  async check(context) {
    const { outcome, where } = await checkServer(context, { pwd: 'x'.repeat(24) });
    expect(outcome !== 'success', `${where}: success`);
    return outcome === null ? 'no answer' : String(outcome);
  },
};
