import { both, expect, type Requirement } from '../requirement.ts';
import { hearCheck } from './hear-check.ts';

export const requirement: Requirement = {
  id: 'ice-check-form',
  group: 'ice',
  kinds: both,
  section: 'RFC 8445, 7.1 and 7.2.2',
  level: 'MUST',
  requirement:
    'The server’s own checks have USERNAME, PRIORITY, ICE-CONTROLLED, FINGERPRINT, and MESSAGE-INTEGRITY under the client’s password.',
  async check(context) {
    const { check } = await hearCheck(context, 'offered');
    expect(check.lacks.length === 0, `without ${check.lacks.join(', ')} (USERNAME: ${check.username})`);
    return `USERNAME: ${check.username}`;
  },
};
