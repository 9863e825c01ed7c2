import { runProgram } from '../clients/program-client.ts';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'life-plays-webrtcbin',
  group: 'life',
  kinds: both,
  section: { whep: '3.1', whip: '3' },
  level: 'SHOULD',
  requirement: 'A client of webrtcbin is served: the transport comes up and media flow.',
  async check(context) {
    const { url, kind, http } = context;
    const report = await runProgram('webrtcbin_client.py', {
      url,
      kind,
      token: http.token,
      timeoutMs: 20_000,
      python: '/usr/bin/python3',
    });
    if (typeof report === 'string') throw new NotApplicable(report);
    if (/POST: (409|503)/.test(report.problem ?? '')) throw new NotApplicable(report.problem ?? '');
    expect(report.problem === null, `${report.make}: ${report.problem}`);
    return `${report.make}: ${report.frames} frames`;
  },
};
