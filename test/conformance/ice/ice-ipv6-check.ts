import { isIPv6 } from 'node:net';
import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { acceptedOf, attributeOf, candidatesOf, newUfrag, ownOffer } from '../sdp.ts';
import { checkOnce } from '../stun.ts';

export const requirement: Requirement = {
  id: 'ice-ipv6-check',
  group: 'ice',
  kinds: both,
  section: 'RFC 8445, 7.3',
  level: 'MUST',
  requirement: 'A check at an IPv6 candidate of the answer is answered with success.',
  async check(context) {
    const ownUfrag = newUfrag();
    const { answer } = await context.open(ownOffer(context.kind, { ufrag: ownUfrag }));
    // Addresses of one link alone need a zone, which no candidate has.
    const found = candidatesOf(answer).find(
      ({ transport, address }) => transport === 'udp' && isIPv6(address) && !/^fe80/i.test(address),
    );
    const section = acceptedOf(answer)[0];
    if (found === undefined || section === undefined)
      throw new NotApplicable('no IPv6 candidate in the answer');
    const [ufrag = '', pwd = ''] = ['ice-ufrag', 'ice-pwd'].map(
      (name) => attributeOf(answer, section, name) ?? '',
    );
    const outcome = await checkOnce({ ...found, ufrag, pwd, ownUfrag });
    expect(outcome === 'success', `${found.address} ${found.port}: ${outcome ?? 'no answer in 2 s'}`);
    return `${found.address} ${found.port}`;
  },
};
