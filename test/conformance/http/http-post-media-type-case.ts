import { describe } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-post-media-type-case',
  group: 'http',
  kinds: both,
  section: 'RFC 9110, 8.3.1',
  level: 'MUST',
  requirement: 'A media type in capitals, Application/SDP, is the same media type.',
  async check(context) {
    const answer = await context.post(ownOffer(context.kind), { 'content-type': 'Application/SDP' });
    expect([201, 503].includes(answer.status), describe(answer));
    return String(answer.status);
  },
};
