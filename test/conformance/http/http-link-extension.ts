import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-link-extension',
  group: 'http',
  kinds: both,
  section: { whep: '4.10', whip: '4.9' },
  level: 'MUST',
  requirement:
    'An extension, told as a Link header whose rel is a URN, has one of the protocol’s extensions.',
  async check(context) {
    const { created } = await context.open(ownOffer(context.kind));
    const links = String(created.headers.link ?? '')
      .split(/,\s*(?=<)/)
      .filter((link) => /;\s*rel="?urn:/i.test(link));
    if (links.length === 0) throw new NotApplicable('no extension in Link');
    for (const link of links)
      expect(link.includes(`rel="urn:ietf:params:${context.kind}:ext:`), `Link: ${link}`);
    return links.join(', ');
  },
};
