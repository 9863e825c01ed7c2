import { EventEmitter } from 'node:events';
import t from 'tap';
import { OnairError } from '#core/domain/errors.ts';
import type { LightState } from '#core/hardware/light/light.ts';
import type { FromPanel, ToPanel } from '#core/protocol/link.ts';
import type { LinkClient } from '#core/runtime/link-client.ts';
import { asides, lightTable } from '#panel/light-table.ts';
import { Panel } from '#panel/panel.ts';
import { DrivenClock } from '../support/driven-clock.ts';
import { keepingLogger } from '../support/link-pair.ts';

interface SentPress {
  pressId: string;
  press: string;
  ageMs: number;
}

/** A panel whose board and link are the test's. */
async function newPanel({ count = 2 as 1 | 2, problems = [] as OnairError[] } = {}) {
  const clock = new DrivenClock();
  const { logger } = keepingLogger();
  const shown: LightState[] = [];
  const order: string[] = [];
  let level: (pressed: boolean) => void = () => {};
  const line = {
    start: async (onLevel: (pressed: boolean) => void) => {
      order.push('line');
      level = onLevel;
      onLevel(false);
    },
    close: () => void order.push('line closed'),
  };
  const lights = {
    count,
    start: async () => void order.push('lights'),
    show: (state: LightState) => void shown.push(state),
    close: () => void order.push('lights closed'),
  };
  let up = false;
  const sent: SentPress[] = [];
  const link = Object.assign(new EventEmitter(), {
    start: () => void order.push('link'),
    close: () => void order.push('link closed'),
    send: (message: { payload: SentPress }) => {
      if (up) sent.push(message.payload);
      return up;
    },
  });
  const panel = new Panel({
    ...{ board: { line, lights, problems }, clock, logger },
    link: link as unknown as LinkClient<ToPanel, FromPanel>,
  });
  await panel.start();
  const connect = (): void => {
    up = true;
    link.emit('connected');
  };
  const disconnect = (): void => {
    up = false;
    link.emit('disconnected');
  };
  const hear = (type: string, payload: object): void => void link.emit('message', { type, payload });
  const state = (name: string, advancing = false): void =>
    hear('panel_state', { state: name, advancing, viewers: 0, reason: null, pairing: false, conditions: [] });
  const answer = (pressId: string | undefined, problem: object | null = null): void =>
    hear('panel_button_ack', { pressId, action: 'start', problem });
  const press = (heldMs = 100): void => {
    level(true);
    clock.advance(heldMs);
    level(false);
    clock.advance(40);
  };
  const red = () => shown.at(-1)?.red;
  const problemShown = (): boolean => JSON.stringify(red()) === JSON.stringify(lightTable.refused.red);
  return {
    panel,
    lights,
    clock,
    shown,
    sent,
    order,
    connect,
    disconnect,
    state,
    answer,
    press,
    red,
    problemShown,
  };
}

const problem = { code: 'x', message: 'No.', action: 'Wait.' };

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

t.test('network time that sets the clock does not make a press old', async (t) => {
  const { connect, press, sent, clock } = await newPanel();
  press();
  clock.setWall(clock.nowMs() + 86_400_000);
  connect();
  t.match(sent, [{ ageMs: 40 }]);
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
