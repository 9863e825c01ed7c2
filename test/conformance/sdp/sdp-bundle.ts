import { both, expect, type Requirement } from '../requirement.ts';
import { acceptedOf, ownOffer, valuesOf } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-bundle',
  group: 'sdp',
  kinds: both,
  section: { whep: '4.6.1', whip: '4.4.1' },
  level: 'MUST',
  requirement: 'All accepted sections are in one BUNDLE group, and no rejected one is.',
  async check(context) {
    const { answer } = await context.open(ownOffer(context.kind));
    const group = valuesOf(answer.lines, 'group').find((value) => value.startsWith('BUNDLE')) ?? 'none';
    const accepted = acceptedOf(answer).map((section) => valuesOf(section.lines, 'mid')[0]);
    const bundled = group.split(' ').slice(1);
    expect(
      accepted.every((mid) => bundled.includes(mid ?? '')) && bundled.length === accepted.length,
      `${group}; accepted: ${accepted.join(' ')}`,
    );
    return group;
  },
};
