import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-link-ice-server',
  group: 'http',
  kinds: both,
  section: { whep: '4.8', whip: '4.6' },
  level: 'MUST',
  requirement: 'STUN and TURN servers are told as Link headers with rel="ice-server".',
  async check(context) {
    const { created } = await context.open(ownOffer(context.kind));
    const links = String(created.headers.link ?? '')
      .split(/,\s*(?=<)/)
      .filter((link) => /<(stun|turn)s?:/.test(link));
    if (links.length === 0) throw new NotApplicable('no ICE server in Link');
    for (const link of links)
      expect(
        /;\s*rel="?ice-server"?/.test(link),
        `Link: ${link.replace(/credential="[^"]*"/, 'credential="…"')}`,
      );
    return `${links.length} servers`;
  },
};
