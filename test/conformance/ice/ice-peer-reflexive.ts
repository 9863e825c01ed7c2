import { datachannelPeer } from '../clients/datachannel-peer.ts';
import { connected } from '../connected.ts';
import { both, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'ice-peer-reflexive',
  group: 'ice',
  kinds: both,
  section: 'RFC 8445, 7.3.1.3',
  level: 'MUST',
  requirement: 'A client that names no candidate is found by its own checks.',
  async check(context) {
    const { peer } = await connected(context, datachannelPeer, { trickle: true });
    return `${peer.make}: connected`;
  },
};
