import { datachannelPeer } from '../clients/datachannel-peer.ts';
import { startPeer } from '../connected.ts';
import { describe } from '../context.ts';
import { both, expect, Failed, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'dtls-server-role',
  group: 'dtls',
  kinds: both,
  section: 'RFC 8842, 5.3',
  level: 'MUST',
  requirement: 'A client that is DTLS server only (a=setup:passive) connects, or is refused with a 4xx.',
  async check(context) {
    const peer = await startPeer(context, datachannelPeer);
    const offer = (await peer.offer()).replaceAll('a=setup:actpass', 'a=setup:passive');
    const created = await context.post(offer);
    if (created.status >= 400 && created.status < 500) return `refused: ${created.status}`;
    if (created.status !== 201) throw new Failed(describe(created));
    expect(!created.text.includes('a=setup:passive'), 'passive is answered passive');
    await peer.accept(created.text);
    expect(await peer.until(() => peer.state === 'connected', 8_000), `${peer.state} after 8 s`);
    return 'connected';
  },
};
