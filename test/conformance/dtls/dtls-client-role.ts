import { datachannelPeer } from '../clients/datachannel-peer.ts';
import { startPeer } from '../connected.ts';
import { describe } from '../context.ts';
import { both, expect, Failed, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'dtls-client-role',
  group: 'dtls',
  kinds: both,
  section: { whep: '4.3.1', whip: '4.4.4' },
  level: 'MUST',
  requirement: 'A client that is DTLS client only (a=setup:active) connects, or is refused with 422 or 400.',
  async check(context) {
    const peer = await startPeer(context, datachannelPeer);
    const offer = (await peer.offer()).replaceAll('a=setup:actpass', 'a=setup:active');
    const created = await context.post(offer);
    if ([400, 422].includes(created.status)) return `refused: ${created.status}`;
    if (created.status !== 201) throw new Failed(describe(created));
    await peer.accept(created.text);
    expect(await peer.until(() => peer.state === 'connected', 8_000), `${peer.state} after 8 s`);
    return 'connected';
  },
};
