import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-post-created',
  group: 'http',
  kinds: both,
  section: { whep: '4.3.1', whip: '4.2' },
  level: 'MUST',
  requirement: 'An accepted offer is answered 201 Created, application/sdp, with the answer as the body.',
  async check(context) {
    const { created } = await context.open(ownOffer(context.kind));
    expect(
      /^application\/sdp\b/i.test(created.headers['content-type'] ?? ''),
      `Content-Type: ${created.headers['content-type']}`,
    );
    expect(created.text.startsWith('v=0'), 'the body is no SDP');
    return `201, ${created.text.length} bytes of application/sdp`;
  },
};
