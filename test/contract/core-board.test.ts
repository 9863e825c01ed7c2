import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ButtonLine } from '#core/hardware/gpio/button-line.ts';
import type { LightState, Lights } from '#core/hardware/light/light.ts';
import { boardReport, VirtualBoard } from '#core/hardware/virtual-board.ts';
import { onLines } from '#core/runtime/lines.ts';
import { shortFolder } from '../support/short-folder.ts';

t.setTimeout(20_000);

/** A board under test, with a finger on its button and an eye on its lights. */
interface BoardUnderTest {
  line: ButtonLine;
  lights: Lights;
  /** Moves the button and resolves once the board has seen the edge. */
  move(pressed: boolean): Promise<void>;
  /** What the lights show now, and at each change after that. */
  watch(): Promise<() => LightState[]>;
  /** Resolves once all that was shown before has reached whoever watches. */
  settle(): Promise<void>;
}

/** A wire to the virtual board. */
async function wireTo(t: Test, path: string) {
  const socket: Socket = connect(path);
  t.teardown(() => socket.destroy());
  const reports: unknown[] = [];
  const waiting: (() => void)[] = [];
  const wake = (): void => {
    for (const one of waiting.splice(0)) one();
  };
  onLines(socket, (line) => {
    reports.push(boardReport.parse(JSON.parse(line)));
    wake();
  });
  await once(socket, 'connect');
  socket.on('error', () => {});
  socket.on('close', wake);
  const change = async (): Promise<void> => {
    if (socket.destroyed) throw new Error('the board is gone');
    await new Promise<void>((resolve) => waiting.push(resolve));
  };
  const lights = () =>
    reports.flatMap((one) => (one instanceof Object && 'lights' in one ? [one.lights as LightState] : []));
  const answers = () => reports.filter((one) => one instanceof Object && !('lights' in one)) as object[];
  const say = async (text: string): Promise<object> => {
    const before = answers().length;
    socket.write(`${text}\n`);
    while (answers().length === before) await change();
    return answers().at(-1) ?? {};
  };
  while (reports.length === 0) await change();
  return { socket, say, lights };
}

/** The boards that there are; a real one stands beside the virtual one here, with its pins wired to others. */
const boards: Record<string, (t: Test) => Promise<BoardUnderTest>> = {
  'virtual board': async (t) => {
    const socketPath = join(await shortFolder(t), 'board.sock');
    const board = new VirtualBoard({ socketPath });
    t.teardown(() => board.close());
    let finger: Awaited<ReturnType<typeof wireTo>> | null = null;
    const hand = async () => {
      finger ??= await wireTo(t, socketPath);
      return finger;
    };
    return {
      line: board,
      lights: board,
      move: async (pressed) => void (await (await hand()).say(`{"button":"${pressed ? 'down' : 'up'}"}`)),
      watch: async () => (await hand()).lights,
      settle: async () => void (await (await hand()).say('{}')),
    };
  },
};

for (const [name, make] of Object.entries(boards)) {
  t.test(`${name}: the level at the start is told at once, then every raw edge in order`, async (t) => {
    const { line, move } = await make(t);
    const levels: boolean[] = [];
    await line.start((pressed) => void levels.push(pressed));
    t.same(levels, [false], 'nobody presses');
    for (const pressed of [true, false, true, true, false]) await move(pressed);
    t.same(
      levels.filter((level, index) => level !== levels[index - 1]),
      [false, true, false, true, false],
    );
  });

  t.test(`${name}: a closed line is silent, and may be closed again`, async (t) => {
    const { line, move } = await make(t);
    const levels: boolean[] = [];
    await line.start((pressed) => void levels.push(pressed));
    await move(false);
    const before = levels.length;
    await line.close();
    await line.close();
    await move(true).catch(() => {});
    t.equal(levels.length, before);
  });

  t.test(`${name}: the lights show what they are told, until they are told otherwise`, async (t) => {
    const { lights, watch, settle } = await make(t);
    const states: LightState[] = [
      { red: 'on', green: 'off' },
      { red: { flashes: 3, periodMs: 1_000 }, green: 'on' },
      { red: 'off', green: { flashes: 2, periodMs: 2_000 } },
    ];
    lights.show({ red: 'off', green: 'on' });
    await lights.start();
    const seen = await watch();
    t.same(seen(), [{ red: 'off', green: 'on' }], 'what was shown before the start is shown after it');
    for (const state of states) {
      lights.show(state);
      lights.show({ ...state });
    }
    await settle();
    t.same(seen().slice(1), states, 'each once');
  });

  t.test(`${name}: light and line are one board: both start, both close, in any order`, async (t) => {
    const { line, lights, move, watch } = await make(t);
    await lights.start();
    const levels: boolean[] = [];
    await line.start((pressed) => void levels.push(pressed));
    await move(true);
    t.same(levels, [false, true]);
    lights.show({ red: 'on', green: 'on' });
    t.equal((await watch())().length > 0, true);
    await lights.close();
    await line.close();
  });
}

async function virtual(t: Test) {
  const socketPath = join(await shortFolder(t), 'board.sock');
  const board = new VirtualBoard({ socketPath });
  t.teardown(() => board.close());
  const levels: boolean[] = [];
  await board.start((pressed) => void levels.push(pressed));
  levels.splice(0);
  return { board, socketPath, levels, wire: () => wireTo(t, socketPath) };
}

t.test('its wires refuse what is no command, and go on', async (t) => {
  const { wire, levels } = await virtual(t);
  const { say } = await wire();
  for (const text of [
    '',
    'press',
    '{"button":"sideways"}',
    '{"button":"down","more":1}',
    '[]',
    'x'.repeat(200_000),
  ])
    t.match(await say(text), { problem: /a command is/ }, text.slice(0, 40));
  t.same(levels, []);
  t.same(await say('{"button":"down"}'), { done: { button: 'down' } });
  t.same(levels, [true]);
});

t.test('a finger that is gone is off the button: a command that died resets no settings', async (t) => {
  const { wire, levels } = await virtual(t);
  const [one, other] = [await wire(), await wire()];
  await one.say('{"button":"down"}');
  other.socket.destroy();
  await one.say('{}');
  t.same(levels.splice(0), [true], 'another’s end lets go of nothing');
  const third = await wire();
  one.socket.destroy();
  while (levels.length === 0) await third.say('{}');
  t.same(levels.splice(0), [false]);
  await third.say('{"button":"down"}');
  const fourth = await wire();
  await fourth.say('{"button":"up"}');
  t.same(levels, [true, false], 'whoever lets go, lets go');
  third.socket.destroy();
  await fourth.say('{}');
  t.same(levels, [true, false]);
});

t.test('its socket replaces a leftover, and is for its owner and group', async (t) => {
  const socketPath = join(await shortFolder(t), 'board.sock');
  await writeFile(socketPath, 'leftover');
  const board = new VirtualBoard({ socketPath });
  t.teardown(() => board.close());
  await board.start();
  t.equal((await stat(socketPath)).mode & 0o777, 0o660);
  await board.close();
  await board.close();
  const missing = new VirtualBoard({ socketPath: join(socketPath, 'below', 'board.sock') });
  await t.rejects(missing.start());
  await missing.close();
});

t.test('everybody who watches sees the same, who comes later sees how it is', async (t) => {
  const { board, wire } = await virtual(t);
  const early = await wire();
  board.show({ red: 'on', green: 'off' });
  const late = await wire();
  await early.say('{}');
  t.same(early.lights(), [
    { red: 'off', green: 'off' },
    { red: 'on', green: 'off' },
  ]);
  t.same(late.lights(), [{ red: 'on', green: 'off' }]);
});
