import t from 'tap';
import { OnairError } from '#core/domain/errors.ts';
import { asides, lightTable } from '#panel/light-table.ts';
import { newPanel } from '#test/support/panel-of-fakes.ts';

const problem = { code: 'x', message: 'No.', action: 'Wait.' };

t.test('an answer with a problem is shown for 3 s, each one anew', async (t) => {
  const { connect, state, press, sent, answer, clock, problemShown } = await newPanel();
  connect();
  state('offline');
  press();
  answer(sent[0]?.pressId, problem);
  t.equal(problemShown(), true);
  clock.advance(2_000);
  press();
  answer(sent[1]?.pressId, problem);
  clock.advance(2_000);
  t.equal(problemShown(), true);
  clock.advance(1_000);
  t.equal(problemShown(), false);
});

t.test('steady red goes out 1 s after the last word of control, at once with the link', async (t) => {
  const { connect, disconnect, state, clock, red, shown } = await newPanel();
  connect();
  state('live', true);
  t.equal(red(), 'on');
  for (let told = 0; told < 10; told += 1) {
    clock.advance(900);
    state('live', true);
  }
  t.ok(shown.slice(-10).every((lights) => lights.red === 'on'));
  clock.advance(999);
  t.equal(red(), 'on');
  clock.advance(1);
  t.same(red(), lightTable.retrying.red, 'control hangs: pictures may be missing');
  state('live', true);
  t.equal(red(), 'on');
  disconnect();
  t.equal(red(), 'off');
  clock.advance(5_000);
  t.equal(red(), 'off');
});

t.test('the warning covers everything while the finger is on the button', async (t) => {
  const { connect, state, press, shown, sent } = await newPanel();
  connect();
  state('live', true);
  shown.splice(0);
  press(8_000);
  const flashing = lightTable.reset.red;
  t.ok(shown.some(({ red, green }) => JSON.stringify([red, green]) === JSON.stringify([flashing, flashing])));
  t.same(sent, [], 'let go within the warning');
  press(10_100);
  t.equal(sent.at(-1)?.press, 'very-long');
});

t.test('a board with one light says everything with that', async (t) => {
  const { connect, state, red, shown } = await newPanel({ count: 1 });
  t.same(red(), lightTable.booting.one);
  connect();
  state('offline');
  t.same(red(), lightTable.ready.one);
  state('live', true);
  t.same(red(), lightTable.live.one);
  t.ok(shown.every(({ green }) => green === 'off'));
});

t.test(
  'what of the board does not work is shown as a setting that is wrong, and hides nothing',
  async (t) => {
    const { connect, state, shown, red } = await newPanel({
      problems: [new OnairError('not-found', 'There is no line.')],
    });
    connect();
    state('offline');
    t.same(shown.at(-1), { red: 'off', green: asides.settings.green });
    state('live', true);
    t.equal(red(), 'on');
  },
);

t.test(
  'steady red is said again with each word of control: a light that holds briefly stays lit',
  async (t) => {
    const { connect, state, shown } = await newPanel();
    connect();
    state('live', true);
    const before = shown.length;
    for (let told = 0; told < 5; told += 1) state('live', true);
    t.equal(shown.length - before, 5);
  },
);
