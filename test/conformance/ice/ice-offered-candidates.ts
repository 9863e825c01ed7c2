import { both, type Requirement } from '../requirement.ts';
import { hearCheck } from './hear-check.ts';

export const requirement: Requirement = {
  id: 'ice-offered-candidates',
  group: 'ice',
  kinds: both,
  section: 'RFC 8445, 6.1.4',
  level: 'MUST',
  requirement:
    'Candidates of the offer itself, without trickle, are checked by a server that is a full agent.',
  async check(context) {
    const { check } = await hearCheck(context, 'offered');
    return `a check from ${check.from}`;
  },
};
