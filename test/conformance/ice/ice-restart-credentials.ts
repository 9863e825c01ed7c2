import { isIP } from 'node:net';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { candidatesOf, parseSdp } from '../sdp.ts';
import { checkOnce } from '../stun.ts';
import { restarted } from './restart.ts';

export const requirement: Requirement = {
  id: 'ice-restart-credentials',
  group: 'ice',
  kinds: both,
  section: { whep: '4.5.3', whip: '4.3.3' },
  level: 'MUST',
  requirement: 'After an ICE restart checks under the new credentials are answered with success.',
  async check(context) {
    const { session, answer, ice } = await restarted(context);
    const [ufrag = '', pwd = ''] = ['ice-ufrag', 'ice-pwd'].map(
      (name) => new RegExp(`^a=${name}:(\\S+)`, 'm').exec(answer.text)?.[1],
    );
    // Candidates may be left out of the answer: then the former ones hold.
    const candidates = [...candidatesOf(parseSdp(answer.text)), ...candidatesOf(session.answer)];
    const usable = candidates.filter(
      ({ transport, address }) => transport === 'udp' && isIP(address) !== 0 && !/^fe80/i.test(address),
    );
    if (usable.length === 0) throw new NotApplicable('no UDP candidate');
    for (const { address, port } of usable.slice(0, 3))
      if ((await checkOnce({ address, port, ufrag, pwd, ownUfrag: ice.ufrag })) === 'success')
        return `${address}:${port}`;
    expect(false, `no success from ${usable.map(({ address, port }) => `${address}:${port}`).join(', ')}`);
  },
};
