import { clientPath } from '../clients/program-client.ts';
import { both, type Requirement } from '../requirement.ts';
import { playsProgram } from './plays-program.ts';

export const requirement: Requirement = {
  id: 'life-plays-aiortc',
  group: 'life',
  kinds: both,
  section: { whep: '3.1', whip: '3' },
  level: 'SHOULD',
  requirement: 'A client of aiortc is served: the transport comes up and media flow.',
  check: (context) =>
    playsProgram(context, {
      command: process.env.ONAIR_CONFORMANCE_PYTHON ?? '/usr/bin/python3',
      args: [clientPath('aiortc_client.py')],
    }),
};
