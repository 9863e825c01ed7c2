import { both, expect, type Requirement } from '../requirement.ts';
import { ownOffer } from '../sdp.ts';

export const requirement: Requirement = {
  id: 'life-session-not-guessable',
  group: 'life',
  kinds: both,
  section: 'RFC 9725, 5',
  level: 'SHOULD',
  requirement: 'A session’s URL has enough chance in it that nobody guesses another’s.',
  async check(context) {
    const urls = [await context.open(ownOffer(context.kind)), await context.open(ownOffer(context.kind))].map(
      ({ url }) => url,
    );
    const [one = '', other = ''] = urls.map((url) => `${new URL(url).pathname}${new URL(url).search}`);
    const differing = [...one].filter((character, at) => character !== other[at]).length;
    expect(differing >= 8, `${one} and ${other} differ in ${differing} characters`);
    return `${differing} characters differ`;
  },
};
