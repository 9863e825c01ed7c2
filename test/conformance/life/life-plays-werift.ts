import { weriftPeer } from '../clients/werift-peer.ts';
import { connected } from '../connected.ts';
import { both, expect, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'life-plays-werift',
  group: 'life',
  kinds: both,
  section: { whep: '3.1', whip: '3' },
  level: 'SHOULD',
  requirement: 'A client of werift is served: the transport comes up and media flow.',
  async check(context) {
    const { peer } = await connected(context, weriftPeer);
    const flows = await peer.until(
      () => (context.kind === 'whip' ? peer.state === 'connected' : peer.rtp.length > 10),
      8_000,
    );
    expect(flows, `${peer.rtp.length} packets, ${peer.state}`);
    return context.kind === 'whep' ? `${peer.rtp.length} packets` : 'connected and sending';
  },
};
