import t from 'tap';
import { fitting, type OfferedControl, refusalOf, shownControls } from '#core/domain/camera.ts';

const focus: OfferedControl = {
  name: 'focus',
  range: { minimum: 10, maximum: 100, step: 5 },
  choices: ['auto'],
  default: 'auto',
};
const flip: OfferedControl = { name: 'flip', range: null, choices: ['none', 'both'], default: 'none' };

t.test('a number is brought to what the camera takes', async (t) => {
  const table: [OfferedControl, number | 'auto' | 'both', unknown][] = [
    [focus, 10, 10],
    [focus, 17, 15],
    [focus, -5, 10],
    [focus, 1_000, 100],
    [focus, 'auto', 'auto'],
    [focus, 'both', null],
    [flip, 'both', 'both'],
    [flip, 1, null],
  ];
  for (const [control, value, expected] of table)
    t.equal(fitting(control, value), expected, `${control.name} ${value}`);
});

t.test('what it does not take is said in words', async (t) => {
  const offered = [focus, flip];
  t.equal(refusalOf(offered, 'focus', 50), null);
  t.equal(refusalOf(offered, 'focus', 101), 'focus is 101, it must be 10 to 100 or auto');
  t.equal(refusalOf(offered, 'flip', 'horizontal'), 'flip is horizontal, it must be none or both');
  t.equal(refusalOf(offered, 'gain', 1), 'gain: this camera does not offer it (it offers focus, flip)');
});

t.test('what is set, or the default, and what was refused', async (t) => {
  t.match(shownControls([focus, flip], { focus: 17, gain: 3 }, ['flip']), [
    { name: 'focus', value: 15, refused: false },
    { name: 'flip', value: 'none', refused: true },
  ]);
});
