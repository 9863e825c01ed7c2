import { receiving } from '../connected.ts';
import { expect, type Requirement } from '../requirement.ts';
import { readRtp } from '../rtp.ts';

export const requirement: Requirement = {
  id: 'rtp-timestamps',
  group: 'rtp',
  kinds: ['whep'],
  section: 'RFC 3550, 5.1',
  level: 'MUST',
  requirement:
    'Sequence numbers go up by one, timestamps never back by more than a reordered frame, in each stream.',
  async check(context) {
    const { peer } = await receiving(context, 80);
    const last = new Map<number, { sequence: number; timestamp: number }>();
    let missing = 0;
    for (const { ssrc, sequence, timestamp, payload } of peer.rtp.map(readRtp)) {
      if (payload.length === 0) continue;
      const before = last.get(ssrc);
      last.set(ssrc, { sequence, timestamp });
      if (!before) continue;
      if (((sequence - before.sequence) & 0xffff) !== 1) missing += 1;
      const step = (timestamp - before.timestamp) | 0;
      expect(
        step > -90_000 && step < 90_000 * 5,
        `the timestamp went from ${before.timestamp} to ${timestamp}`,
      );
    }
    expect(missing <= 2, `${missing} jumps of sequence numbers in ${peer.rtp.length} packets`);
    return `${peer.rtp.length} packets, ${missing} jumps`;
  },
};
