import { both, expect, type Requirement } from '../requirement.ts';
import { checkServer } from './check-server.ts';

export const requirement: Requirement = {
  id: 'ice-check-answered',
  group: 'ice',
  kinds: both,
  section: 'RFC 8445, 7.3',
  level: 'MUST',
  requirement: 'A connectivity check under the right credentials is answered with success.',
  async check(context) {
    const { outcome, where } = await checkServer(context, {});
    expect(outcome === 'success', `${where}: ${outcome ?? 'no answer in 2 s'}`);
    return where;
  },
};
