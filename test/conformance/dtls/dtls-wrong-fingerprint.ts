import { datachannelPeer } from '../clients/datachannel-peer.ts';
import { startPeer } from '../connected.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { strangeFingerprint } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'dtls-wrong-fingerprint',
  group: 'dtls',
  kinds: both,
  section: 'RFC 8122, 6.2',
  level: 'MUST',
  requirement: 'A certificate that is not the one of the offer gets no connection.',
  async check(context) {
    const peer = await startPeer(context, datachannelPeer);
    const offer = (await peer.offer()).replace(
      /a=fingerprint:.*\r\n/g,
      `a=fingerprint:${strangeFingerprint()}\r\n`,
    );
    const session = await context.open(offer);
    await peer.accept(session.answerText).catch(() => {}); // a server may close before the last candidate is read
    const got = await peer.until(() => peer.rtp.length + peer.rtcp.length > 0, 5_000);
    expect(!got, 'packets came for a certificate that was not offered');
    return `no packet, ${peer.state}`;
  },
};
