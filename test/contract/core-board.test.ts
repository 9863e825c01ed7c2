import { once } from 'node:events';
import { stat, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { LightState } from '#core/hardware/light/light.ts';
import { boardReport, VirtualBoard } from '#core/hardware/virtual-board.ts';
import { onLines } from '#core/runtime/lines.ts';
import { BoardCatalogue } from '#panel/board/board-catalogue.ts';
import { openBoard } from '#panel/open-board.ts';
import { type BoardUnderTest, boardContract } from '../support/board-contract.ts';
import { checkout } from '../support/command.ts';
import { DrivenClock } from '../support/driven-clock.ts';
import { FakeMachine } from '../support/fake-machine.ts';
import { fileSays } from '../support/file-text.ts';
import { playedRuns, runsOf } from '../support/light-runs.ts';
import { shortFolder } from '../support/short-folder.ts';

t.setTimeout(30_000);

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

const catalogue = new BoardCatalogue({ folder: join(checkout, 'firmware/boards'), sysRoot: '/nowhere' });
const pi = async () => await catalogue.choose({ environment: 'pi-zero-2-w', setting: null });
const names = Array.from({ length: 54 }, (_, offset) => `GPIO${offset}`);

/** A board as the panel opens it on a machine that the test has made. */
async function opened(t: Test, fake: FakeMachine, clock: DrivenClock) {
  const chosen = await pi();
  const board = await openBoard({ chosen, machine: fake.machine, boardSocket: '/nowhere', clock });
  t.teardown(() => board.lights.close());
  t.same(board.problems, []);
  if (board.line === null) throw new Error('no button');
  const line = board.line;
  t.teardown(() => line.close());
  return { line, lights: board.lights, ways: board.ways };
}

/** The boards that there are; the real ones stand on fake trees here, and on gpio-sim in the virtual machine. */
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
      look: async (forMs) => {
        const wire = await hand();
        await wire.say('{}'); // all that was shown before has arrived with its answer
        const { red, green } = wire.lights().at(-1) ?? { red: 'off', green: 'off' };
        return { red: playedRuns(red, forMs), green: playedRuns(green, forMs) };
      },
      toleranceMs: 0,
      outlivesPanel: false,
    };
  },
  'lines of /sys/class/gpio': async (t) => {
    const [fake, clock] = [await FakeMachine.make(t), new DrivenClock()];
    await fake.chip(512, 'pinctrl-bcm2835', 54, names);
    fake.level(512 + 17, 1);
    const { line, lights, ways } = await opened(t, fake, clock);
    t.match(ways, [/GPIO17 by name.*number 529/, /GPIO27 by name/, /GPIO22 by name/]);
    return {
      line,
      lights,
      move: async (pressed) => fake.level(512 + 17, pressed ? 0 : 1),
      look: async (forMs) => {
        // The guard beside the lights is a process, with a clock of its own.
        if (forMs > 2_000) await fileSays(fake.lightFile(512 + 27), '0');
        const seen: Record<'red' | 'green', { atMs: number; lit: boolean }[]> = { red: [], green: [] };
        for (let atMs = 0; atMs <= forMs; atMs += 10) {
          seen.red.push({ atMs, lit: fake.lit(512 + 27) });
          seen.green.push({ atMs, lit: fake.lit(512 + 22) });
          clock.advance(10);
        }
        return { red: runsOf(seen.red), green: runsOf(seen.green) };
      },
      toleranceMs: 10,
      outlivesPanel: true,
    };
  },
  'keys and lights of the device tree': async (t) => {
    const [fake, clock] = [await FakeMachine.make(t), new DrivenClock()];
    await fake.key(t, 167);
    await fake.led('onair:red:live');
    await fake.led('onair:green:ready', { brightness: 255 });
    const { line, lights, ways } = await opened(t, fake, clock);
    t.match(ways, [/key 167 of .*\/event1/, /onair:red:live/, /onair:green:ready/]);
    let open = false;
    const start = line.start.bind(line);
    line.start = async (onLevel) => {
      await start(onLevel);
      open = true;
    };
    const close = line.close.bind(line);
    line.close = () => {
      open = false;
      return close();
    };
    return {
      line,
      lights,
      move: async (pressed) => {
        if (open) await fake.event(1, 167, pressed ? 1 : 0);
      },
      look: async (forMs) => ({
        red: fake.played('onair:red:live', forMs),
        green: fake.played('onair:green:ready', forMs),
      }),
      toleranceMs: 0,
      outlivesPanel: true,
    };
  },
};

for (const [name, make] of Object.entries(boards)) {
  for (const [what, check] of Object.entries(boardContract))
    t.test(`${name}: ${what}`, async (t) => {
      await check(await make(t));
      t.pass('as it should');
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
