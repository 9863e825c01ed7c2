import { describe, fragmentType } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { fragment } from '../sdp.ts';
import { restarted } from './restart.ts';

export const requirement: Requirement = {
  id: 'ice-restart-etag',
  group: 'ice',
  kinds: both,
  section: { whep: '4.5.1', whip: '4.3.1' },
  level: 'MUST',
  requirement: 'After an ICE restart candidates come under the new ETag; the former one is answered 412.',
  async check(context) {
    const { session, answer, ice } = await restarted(context);
    const body = fragment({ ...ice, lines: ['a=end-of-candidates'] });
    const patch = (etag: string) => session.patch(body, { 'content-type': fragmentType, 'if-match': etag });
    const former = await patch(session.etag ?? '"none"');
    expect(former.status === 412, `under ${session.etag}: ${describe(former)}`);
    const newer = await patch(answer.headers.etag ?? '"none"');
    expect(newer.status === 204, `under ${answer.headers.etag}: ${describe(newer)}`);
    return `${session.etag}: 412, ${answer.headers.etag}: 204`;
  },
};
