import { clientPath } from '../clients/program-client.ts';
import { both, type Requirement } from '../requirement.ts';
import { playsProgram } from './plays-program.ts';

export const requirement: Requirement = {
  id: 'life-plays-webrtcbin',
  group: 'life',
  kinds: both,
  section: { whep: '3.1', whip: '3' },
  level: 'SHOULD',
  requirement: 'A client of webrtcbin is served: the transport comes up and media flow.',
  check: (context) =>
    playsProgram(context, { command: '/usr/bin/python3', args: [clientPath('webrtcbin_client.py')] }),
};
