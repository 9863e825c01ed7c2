import { both, type Requirement } from '../requirement.ts';
import { hearCheck } from './hear-check.ts';

export const requirement: Requirement = {
  id: 'ice-trickled-candidates',
  group: 'ice',
  kinds: both,
  section: 'RFC 8838, 11',
  level: 'MUST',
  requirement: 'Candidates that come by PATCH alone are checked by a server that is a full agent.',
  async check(context) {
    const { check } = await hearCheck(context, 'trickled');
    return `a check from ${check.from}`;
  },
};
