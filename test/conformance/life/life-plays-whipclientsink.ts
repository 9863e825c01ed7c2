import { clientPath } from '../clients/program-client.ts';
import type { Requirement } from '../requirement.ts';
import { playsProgram } from './plays-program.ts';

export const requirement: Requirement = {
  id: 'life-plays-whipclientsink',
  group: 'life',
  kinds: ['whip'],
  section: 'RFC 9725, 3',
  level: 'SHOULD',
  requirement:
    'GStreamer’s own WHIP client (whipclientsink, whipsink) is served: the transport comes up and media flow.',
  check: (context) =>
    playsProgram(context, { command: '/usr/bin/python3', args: [clientPath('gstreamer_client.py')] }),
};
