import { datachannelPeer } from '../clients/datachannel-peer.ts';
import { connected } from '../connected.ts';
import { both, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'dtls-connects',
  group: 'dtls',
  kinds: both,
  section: 'RFC 8827, 6.5',
  level: 'MUST',
  requirement: 'ICE and DTLS-SRTP come up.',
  async check(context) {
    const { peer } = await connected(context, datachannelPeer);
    return `${peer.make}: connected`;
  },
};
