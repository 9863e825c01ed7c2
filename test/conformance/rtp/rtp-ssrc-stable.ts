import { receiving } from '../connected.ts';
import { expect, type Requirement } from '../requirement.ts';
import { readRtp } from '../rtp.ts';

export const requirement: Requirement = {
  id: 'rtp-ssrc-stable',
  group: 'rtp',
  kinds: ['whep'],
  section: 'RFC 3550, 8.1',
  level: 'MUST',
  requirement: 'A stream keeps its SSRC, and it is the one that the answer names, where it names one.',
  async check(context) {
    const { peer, session } = await receiving(context, 60);
    const byType = new Map<number, Set<number>>();
    for (const { payloadType, ssrc } of peer.rtp.map(readRtp))
      byType.set(payloadType, (byType.get(payloadType) ?? new Set()).add(ssrc));
    for (const [type, ssrcs] of byType)
      expect(ssrcs.size === 1, `payload type ${type} has ${ssrcs.size} SSRCs`);
    const named = [...session.answerText.matchAll(/^a=ssrc:(\d+)/gm)].map(([, ssrc]) => Number(ssrc));
    const seen = [...byType.values()].flatMap((ssrcs) => [...ssrcs]);
    expect(
      named.length === 0 || seen.every((ssrc) => named.includes(ssrc)),
      `came: ${seen.join(' ')}; named: ${named.join(' ')}`,
    );
    return seen.join(', ');
  },
};
