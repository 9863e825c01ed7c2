import { clientPath } from '../clients/program-client.ts';
import type { Requirement } from '../requirement.ts';
import { playsProgram } from './plays-program.ts';

export const requirement: Requirement = {
  id: 'life-plays-whepsrc',
  group: 'life',
  kinds: ['whep'],
  section: 'draft-ietf-wish-whep-04, 3.1',
  level: 'SHOULD',
  requirement:
    'GStreamer’s own WHEP client (whepclientsrc, whepsrc) is served: the transport comes up and media flow.',
  check: (context) =>
    playsProgram(context, { command: '/usr/bin/python3', args: [clientPath('gstreamer_client.py')] }),
};
