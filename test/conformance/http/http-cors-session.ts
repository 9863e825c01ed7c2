import { both, expect, NotApplicable, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';
import { preflight } from './preflight.ts';

const origin = 'https://conformance.example';

export const requirement: Requirement = {
  id: 'http-cors-session',
  group: 'http',
  kinds: both,
  section: 'Fetch, 3.2',
  level: 'SHOULD',
  requirement: 'Where another origin may POST, it may PATCH and DELETE the session that it got.',
  async check(context) {
    const { headers } = await preflight(context, origin);
    if (headers['access-control-allow-origin'] === undefined)
      throw new NotApplicable('pages of other origins may not use this server');
    const { url } = await context.open(ownOffer(context.kind));
    const answer = await context.http.sendAnonymously('OPTIONS', url, {
      headers: {
        origin,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization,content-type,if-match',
      },
    });
    const methods = String(answer.headers['access-control-allow-methods'] ?? '');
    const lets = answer.headers['access-control-allow-origin'] !== undefined && answer.status < 300;
    expect(
      lets && (methods === '*' || (/PATCH/i.test(methods) && /DELETE/i.test(methods))),
      `OPTIONS of the session: ${answer.status}, Access-Control-Allow-Methods: ${methods || 'none'}`,
    );
    return methods;
  },
};
