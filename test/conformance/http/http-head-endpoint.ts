import { expect, type Requirement } from '../requirement.ts';

export const requirement: Requirement = {
  id: 'http-head-endpoint',
  group: 'http',
  kinds: ['whep'],
  section: 'draft-ietf-wish-whep-04, 4.2',
  level: 'SHOULD',
  requirement:
    'HEAD of the endpoint is answered 200 with Content-Type: application/sdp, so that players know it.',
  async check(context) {
    const { status, headers } = await context.http.send('HEAD', context.url);
    const type = headers['content-type'] ?? 'none';
    expect(status === 200 && /^application\/sdp\b/i.test(type), `${status}, Content-Type: ${type}`);
    return `200, Content-Type: ${type}`;
  },
};
