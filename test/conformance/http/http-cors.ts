import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';
import { preflight } from './preflight.ts';

export const requirement: Requirement = {
  id: 'http-cors',
  group: 'http',
  kinds: both,
  section: 'Fetch, 3.2',
  level: 'SHOULD',
  requirement: 'Where another origin may POST, it may read Location and ETag, and PATCH and DELETE too.',
  async check(context) {
    const { headers } = await preflight(context, 'https://conformance.example');
    const allowed = headers['access-control-allow-origin'];
    if (allowed === undefined) throw new NotApplicable('pages of other origins may not use this server');
    const methods = String(headers['access-control-allow-methods'] ?? '');
    expect(
      methods === '*' || (/PATCH/i.test(methods) && /DELETE/i.test(methods)),
      `Access-Control-Allow-Methods: ${methods || 'none'}`,
    );
    const created = await context.post(ownOffer(context.kind), {
      'content-type': 'application/sdp',
      origin: 'https://conformance.example',
    });
    const exposed = String(created.headers['access-control-expose-headers'] ?? '');
    if (created.status !== 201) throw new NotApplicable(`POST: ${created.status}`);
    expect(
      exposed === '*' || /location/i.test(exposed),
      `Access-Control-Expose-Headers: ${exposed || 'none'}`,
    );
    return `${methods}; exposed: ${exposed}`;
  },
};
