import { datachannelPeer } from '../clients/datachannel-peer.ts';
import { connected } from '../connected.ts';
import { fragmentType } from '../context.ts';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { fragment, newPwd, newUfrag } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'ice-restart-refused-keeps-session',
  group: 'ice',
  kinds: both,
  section: { whep: '4.5.3', whip: '4.3.3' },
  level: 'MUST',
  requirement: 'A restart that cannot be done does not end the session.',
  async check(context) {
    const { session, peer } = await connected(context, datachannelPeer);
    const headers = { 'content-type': fragmentType, 'if-match': '*' };
    const { status } = await session.patch(fragment({ ufrag: newUfrag(), pwd: newPwd() }), headers);
    if (status === 200) throw new NotApplicable('restarts are done');
    const before = peer.rtp.length + peer.rtcp.length;
    const goesOn = await peer.until(() => peer.rtp.length + peer.rtcp.length > before, 6_000);
    expect(goesOn && peer.state === 'connected', `after ${status} nothing more came`);
    return `${status}, and packets go on`;
  },
};
