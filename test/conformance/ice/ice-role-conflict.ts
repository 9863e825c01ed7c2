import { both, expect, type Requirement } from '../requirement.ts';
import { checkServer } from './check-server.ts';

export const requirement: Requirement = {
  id: 'ice-role-conflict',
  group: 'ice',
  kinds: both,
  section: 'RFC 8445, 7.3.1.1',
  level: 'MUST',
  requirement:
    'A check of a client that claims to be controlled, as the server is, is answered 487, or with success by a server that takes the other role.',
  async check(context) {
    const { outcome, where } = await checkServer(context, { role: 'controlled' });
    expect(outcome === 'success' || outcome === 487, `${where}: ${outcome ?? 'no answer in 2 s'}`);
    return String(outcome);
  },
};
