import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'http-location',
  group: 'http',
  kinds: both,
  section: { whep: '4.3.1', whip: '4.2' },
  level: 'MUST',
  requirement: '201 carries a Location, absolute or relative, that leads to the session.',
  async check(context) {
    const { location: url, created } = await context.open(ownOffer(context.kind));
    expect(url !== null, `201 with Location: ${created.headers.location ?? 'none'}`);
    expect(new URL(url).href !== new URL(context.url).href, 'Location is the endpoint itself');
    const { status } = await context.http.send('DELETE', url);
    expect(status < 300, `DELETE of Location ${created.headers.location}: ${status}`);
    return `Location: ${created.headers.location}`;
  },
};
