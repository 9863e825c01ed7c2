import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { candidatesOf, ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'ice-ipv6',
  group: 'ice',
  kinds: both,
  section: 'RFC 8421, 4',
  level: 'SHOULD',
  requirement: 'A server that is reached over IPv6 offers IPv6 candidates.',
  async check(context) {
    if (!/^\[/.test(new URL(context.url).hostname)) throw new NotApplicable('the URL is not an IPv6 address');
    const { answer } = await context.open(ownOffer(context.kind));
    const addresses = candidatesOf(answer).map(({ address }) => address);
    expect(
      addresses.some((address) => address.includes(':')),
      addresses.join(', '),
    );
    return addresses.join(', ');
  },
};
