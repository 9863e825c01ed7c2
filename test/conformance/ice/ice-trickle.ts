import { datachannelPeer } from '../clients/datachannel-peer.ts';
import { startPeer } from '../connected.ts';
import { describe, requireTrickle } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { fragment } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'ice-trickle',
  group: 'ice',
  kinds: both,
  section: { whep: '4.5', whip: '4.3' },
  level: 'SHOULD',
  requirement: 'Candidates that come by PATCH are taken, and the session connects.',
  async check(context) {
    const peer = await startPeer(context, datachannelPeer);
    const offer = await peer.offer({ trickle: true });
    const session = await context.open(offer);
    const [ufrag = '', pwd = ''] = ['ice-ufrag', 'ice-pwd'].map(
      (name) => new RegExp(`a=${name}:(\\S+)`).exec(offer)?.[1],
    );
    const lines = [...peer.candidates.map((candidate) => `a=${candidate}`), 'a=end-of-candidates'];
    const answer = await session.patch(fragment({ ufrag, pwd, lines }));
    requireTrickle(answer);
    expect(answer.status === 204, describe(answer));
    await peer.accept(session.answerText);
    expect(await peer.until(() => peer.state === 'connected', 8_000), `${peer.state} after 8 s`);
    return `${lines.length - 1} candidates by PATCH, connected`;
  },
};
