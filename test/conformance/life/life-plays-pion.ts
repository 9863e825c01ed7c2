import { pionProgram } from '../clients/pion-program.ts';
import { both, type Requirement } from '../requirement.ts';
import { playsProgram } from './plays-program.ts';

export const requirement: Requirement = {
  id: 'life-plays-pion',
  group: 'life',
  kinds: both,
  section: { whep: '3.1', whip: '3' },
  level: 'SHOULD',
  requirement: 'A client of pion is served: the transport comes up and media flow.',
  check: async (context) => await playsProgram(context, await context.once('pion', pionProgram)),
};
