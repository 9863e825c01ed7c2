import { both, expect, type Requirement } from '../requirement.ts';
import { parseSdp, type Sdp, valuesOf } from '../sdp.ts';
import { restarted } from './restart.ts';

const names = ['ice-options', 'ice-pacing', 'ice-lite'];

export const requirement: Requirement = {
  id: 'ice-restart-attributes',
  group: 'ice',
  kinds: both,
  section: { whep: '4.5.3', whip: '4.3.3' },
  level: 'MUST',
  requirement:
    'The answer to an ICE restart has the ice-options, ice-pacing and ice-lite of the first answer.',
  async check(context) {
    const { session, answer } = await restarted(context);
    const again = parseSdp(answer.text);
    for (const name of names) {
      const [before, after] = [session.answer, again].map((sdp) => valueIn(sdp, name));
      expect(before === after, `a=${name}: ${before} became ${after}`);
    }
    return names.map((name) => `${name}: ${valueIn(again, name)}`).join(', ');
  },
};

/** At whichever level. */
const valueIn = (sdp: Sdp, name: string): string =>
  [sdp.lines, ...sdp.sections.map(({ lines }) => lines)].flatMap((lines) => valuesOf(lines, name))[0] ??
  'none';
