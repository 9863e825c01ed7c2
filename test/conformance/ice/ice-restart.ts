import { datachannelPeer } from '../clients/datachannel-peer.ts';
import { connected } from '../connected.ts';
import { describe, fragmentType } from '../context.ts';
import { both, expect, type Requirement } from '../requirement.ts';
import { fragment, newPwd, newUfrag } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'ice-restart',
  group: 'ice',
  kinds: both,
  section: { whep: '4.5.3', whip: '4.3.3' },
  level: 'MUST',
  requirement:
    'An ICE restart is done (200, new credentials and ETag) or refused with an error; never answered as if it were candidates.',
  async check(context) {
    const { session } = await connected(context, datachannelPeer);
    const headers = { 'content-type': fragmentType, 'if-match': '*' };
    const answer = await session.patch(fragment({ ufrag: newUfrag(), pwd: newPwd() }), headers);
    if (answer.status !== 200) {
      expect(answer.status >= 400 && answer.status !== 500, describe(answer));
      return `refused: ${answer.status}`;
    }
    expect(answer.headers['content-type']?.startsWith(fragmentType), describe(answer));
    const before = /a=ice-ufrag:(\S+)/.exec(session.answerText)?.[1];
    const after = /a=ice-ufrag:(\S+)/.exec(answer.text)?.[1];
    expect(
      after !== undefined && after !== before && /a=ice-pwd:/.test(answer.text),
      'no new credentials in the answer',
    );
    expect(
      answer.headers.etag !== undefined && answer.headers.etag !== session.etag,
      `ETag: ${answer.headers.etag ?? 'none'}`,
    );
    return `200, ufrag ${before} became ${after}`;
  },
};
