import { receiving } from '../connected.ts';
import { expect, NotApplicable, type Requirement } from '../requirement.ts';
import { canonicalNamesOf, readRtp } from '../rtp.ts';
import { acceptedOf } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'rtcp-cname',
  group: 'rtp',
  kinds: ['whep'],
  section: 'RFC 8834, 4.9',
  level: 'MUST',
  requirement: 'Sound and pictures have one CNAME, by which a player knows that they belong together.',
  async check(context) {
    const { peer, session } = await receiving(context);
    const streams = () => new Set(peer.rtp.map((packet) => readRtp(packet).ssrc));
    const names = () => new Map(peer.rtcp.flatMap(canonicalNamesOf).filter(([ssrc]) => streams().has(ssrc)));
    await peer.until(() => names().size >= acceptedOf(session.answer).length, 10_000);
    const seen = [...names()];
    if (seen.length < 2)
      throw new NotApplicable(`${streams().size} streams sent, ${seen.length} of them have a CNAME`);
    expect(
      new Set(seen.map(([, name]) => name)).size === 1,
      seen.map(([ssrc, name]) => `${ssrc}: ${name}`).join(', '),
    );
    return `${seen[0]?.[1]} of ${seen.length} streams`;
  },
};
