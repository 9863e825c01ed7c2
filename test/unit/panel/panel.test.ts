import t from 'tap';
import { OnairError } from '#core/domain/errors.ts';
import type { LightState } from '#core/hardware/light/light.ts';
import { asides } from '#panel/light-table.ts';
import { newPanel } from '#test/support/panel-of-fakes.ts';

t.test('the button works before the link is looked for, and all is closed in the end', async (t) => {
  const { panel, order, clock, press, connect, shown } = await newPanel();
  t.same(order, ['lights', 'line', 'link']);
  connect();
  press();
  await panel.close();
  await panel.close();
  t.equal(clock.timers, 0);
  t.same(shown.at(-1), { red: 'off', green: 'off' });
  for (const part of ['line closed', 'link closed', 'lights closed']) t.ok(order.includes(part));
});

t.test('a press is sent once, with its age, and forgotten once answered', async (t) => {
  const { connect, disconnect, press, sent, answer, clock, problemShown } = await newPanel();
  connect();
  press();
  t.match(sent, [{ press: 'short', ageMs: 40 }]);
  answer(sent[0]?.pressId);
  disconnect();
  connect();
  clock.advance(10_000);
  t.equal(sent.length, 1);
  t.equal(problemShown(), false);
  press(3_000);
  t.equal(sent.at(-1)?.press, 'long');
  t.not(sent.at(-1)?.pressId, sent[0]?.pressId);
});

t.test('it says how soon after a press the light was red: not before pictures flow', async (t) => {
  const { connect, press, state, clock, said } = await newPanel();
  const light = () => said.filter((each) => each.includes('lights show'));
  connect();
  state('offline');
  press();
  state('starting');
  clock.advance(300);
  state('live');
  t.same(light(), []);
  clock.advance(60);
  state('live', true);
  state('live', true);
  t.same(light(), ['the lights show live 400 ms after the press']);
  press();
  state('stopping');
  clock.advance(10);
  state('offline');
  t.equal(light().at(-1), 'the lights show offline 50 ms after the press');
});

t.test('a press while control is away is delivered once when it is back within 5 s', async (t) => {
  const { connect, press, sent, answer, clock, problemShown } = await newPanel();
  press();
  t.equal(sent.length, 0);
  clock.advance(3_000);
  connect();
  t.match(sent, [{ press: 'short', ageMs: 3_040 }]);
  answer(sent[0]?.pressId);
  clock.advance(10_000);
  t.equal(sent.length, 1);
  t.equal(problemShown(), false);
});

t.test('a press that finds nobody within 5 s is shown as a problem, and not delivered later', async (t) => {
  const { connect, press, sent, clock, problemShown } = await newPanel();
  press();
  clock.advance(4_959);
  t.equal(problemShown(), false);
  clock.advance(41);
  t.equal(problemShown(), true);
  clock.advance(2_999);
  t.equal(problemShown(), true);
  clock.advance(1);
  t.equal(problemShown(), false);
  connect();
  t.same(sent, []);
});

t.test('a press that control did not answer before it went is sent again under its name', async (t) => {
  const { connect, disconnect, press, sent, answer } = await newPanel();
  connect();
  press();
  disconnect();
  connect();
  t.equal(sent.length, 2);
  t.equal(sent[0]?.pressId, sent[1]?.pressId, 'control knows it by its id, and acts once');
  answer(sent[0]?.pressId);
  press();
  t.equal(sent.length, 3, 'the answered one is not among them');
});

t.test('network time that sets the clock does not make a press old', async (t) => {
  const { connect, press, sent, clock } = await newPanel();
  press();
  clock.setWall(clock.nowMs() + 86_400_000);
  connect();
  t.match(sent, [{ ageMs: 40 }]);
});

t.test(
  'another board takes over in mid-run: the old one is closed, its press is over, what is shown stays',
  async (t) => {
    const { panel, connect, state, order, sent, clock } = await newPanel();
    connect();
    state('live', true);
    let level: (pressed: boolean) => void = () => {};
    const shown: LightState[] = [];
    order.splice(0);
    await panel.replaceBoard({
      line: {
        start: async (onLevel) => {
          level = onLevel;
          onLevel(false);
        },
        close: () => {},
      },
      lights: { count: 2, start: async () => {}, show: (one) => void shown.push(one), close: () => {} },
      problems: [],
    });
    t.same(order, ['line closed', 'lights closed']);
    t.match(shown.at(-1), { red: 'on' });
    level(true);
    clock.advance(100);
    level(false);
    clock.advance(40);
    t.match(sent, [{ press: 'short' }]);
    await panel.close();
  },
);

t.test('lights or a line that can not be had do not keep the other from working', async (t) => {
  const { panel, lights, connect, state, shown } = await newPanel();
  connect();
  state('offline');
  const refused = async () => {
    throw new OnairError('unavailable', 'The GPIO line GPIO17 is in use by something else.');
  };
  await panel.replaceBoard({ line: { start: refused, close: () => {} }, lights, problems: [] });
  t.same(shown.at(-1), { red: 'off', green: asides.settings.green });
  await panel.replaceBoard({ line: null, lights, problems: [] });
  t.same(shown.at(-1), { red: 'off', green: 'on' }, 'a board without a button has nothing wrong');
  const broken = { line: { start: refused, close: () => {} }, lights, problems: [] };
  broken.line.start = async () => {
    throw new TypeError('a bug');
  };
  await t.rejects(panel.replaceBoard(broken), TypeError);
});
