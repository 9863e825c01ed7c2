import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'sdp-grammar',
  group: 'sdp',
  kinds: both,
  section: 'RFC 8866, 5',
  level: 'MUST',
  requirement: 'The answer begins with v=0, o=, s= and t= in that order, and each line ends with CR and LF.',
  async check(context) {
    const { answerText } = await context.open(ownOffer(context.kind));
    const lines = answerText.split('\r\n');
    expect(
      lines.at(-1) === '' && !lines.some((line) => /[\r\n]/.test(line)),
      'a line does not end with CR and LF',
    );
    const session = lines.slice(
      0,
      lines.findIndex((line) => line.startsWith('m=')),
    );
    const order = session.map((line) => line[0]).join('');
    expect(/^vosi?u?e*p*c?b*t+/.test(order), `lines at session level: ${order}`);
    expect(/^o=\S+ \d+ \d+ IN IP[46] \S+$/.test(session[1] ?? ''), `${session[1]}`);
    const odd = lines.slice(0, -1).find((line) => !/^[a-z]=/.test(line));
    expect(odd === undefined, `the line ${JSON.stringify(odd)}`);
    return `${lines.length - 1} lines`;
  },
};
