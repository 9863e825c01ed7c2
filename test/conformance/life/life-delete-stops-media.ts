import { datachannelPeer } from '../clients/datachannel-peer.ts';
import { connected } from '../connected.ts';
import { both, expect, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'life-delete-stops-media',
  group: 'life',
  kinds: both,
  section: { whep: '4.4', whip: '4.2' },
  level: 'MUST',
  requirement: 'After DELETE the server sends nothing more.',
  async check(context) {
    const { peer, session } = await connected(context, datachannelPeer);
    await peer.until(() => peer.rtp.length + peer.rtcp.length > 0, 5_000);
    await session.end();
    await peer.until(() => false, 1_000); // what was on its way
    const before = peer.rtp.length;
    await peer.until(() => peer.rtp.length > before, 2_000);
    expect(peer.rtp.length === before, `${peer.rtp.length - before} packets later than 1 s after DELETE`);
    return 'nothing more';
  },
};
