import { both, NotApplicable, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'life-server-restart',
  group: 'life',
  kinds: both,
  section: 'RFC 9110, 15.5.5',
  level: 'MAY',
  requirement: 'After a restart of the server an old session is unknown, and a new one can be had.',
  async check(context) {
    void context;
    throw new NotApplicable('this suite does not restart servers; `make test` of Onair does with its own');
  },
};
