import { datachannelPeer } from '../clients/datachannel-peer.ts';
import { startPeer } from '../connected.ts';
import { both, expect, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'dtls-fingerprint-case',
  group: 'dtls',
  kinds: both,
  section: 'RFC 8122, 5',
  level: 'MUST',
  requirement: 'The name of a fingerprint’s hash function may be in capitals: a=fingerprint:SHA-256.',
  async check(context) {
    const peer = await startPeer(context, datachannelPeer);
    const offer = (await peer.offer()).replace(/a=fingerprint:.*\r\n/g, (line) =>
      line.replace('sha-256', 'SHA-256'),
    );
    const session = await context.open(offer);
    await peer.accept(session.answerText);
    expect(await peer.until(() => peer.state === 'connected', 8_000), `${peer.state} after 8 s`);
    return 'connected';
  },
};
