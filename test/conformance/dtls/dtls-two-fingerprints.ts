import { datachannelPeer } from '../clients/datachannel-peer.ts';
import { startPeer } from '../connected.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { strangeFingerprint } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'dtls-two-fingerprints',
  group: 'dtls',
  kinds: both,
  section: 'RFC 8122, 5.1',
  level: 'MUST',
  requirement: 'Of two fingerprints of one hash function in the offer either may be the certificate’s.',
  async check(context) {
    const peer = await startPeer(context, datachannelPeer);
    const offer = (await peer.offer()).replace(
      /a=fingerprint:.*\r\n/g,
      (line) => `a=fingerprint:${strangeFingerprint()}\r\n${line}`,
    );
    const session = await context.open(offer);
    await peer.accept(session.answerText);
    expect(await peer.until(() => peer.state === 'connected', 8_000), `${peer.state} after 8 s`);
    return 'connected';
  },
};
