import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { Lights } from '#core/hardware/light/light.ts';
import { BoardCatalogue } from '#panel/board/board-catalogue.ts';
import { BoardKeeper } from '#panel/board-keeper.ts';
import { openBoard } from '#panel/open-board.ts';
import type { Panel } from '#panel/panel.ts';
import { checkout } from '#test/support/command.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { FakeMachine } from '#test/support/fake-machine.ts';
import { keepingLogger } from '#test/support/link-pair.ts';
import { shortFolder } from '#test/support/short-folder.ts';

const folder = join(checkout, 'firmware/boards');
const lines = Array.from({ length: 58 }, (_, offset) => `GPIO${offset}`);

async function open(t: Test, fake: FakeMachine, name: string) {
  const catalogue = new BoardCatalogue({ folder, sysRoot: fake.machine.sysRoot });
  const chosen = await catalogue.choose({ environment: name, setting: null });
  const boardSocket = join(await shortFolder(t), 'board.sock');
  return await openBoard({ chosen, machine: fake.machine, boardSocket, clock: new DrivenClock() });
}

t.test('the device tree comes first, for button and lights each', async (t) => {
  const fake = await FakeMachine.make(t);
  await fake.chip(512, 'pinctrl-bcm2711', 58, lines);
  const ways = async (name = 'pi-4') => (await open(t, fake, name)).ways;
  t.match(await ways(), [/line GPIO17 by name/, /line GPIO27 by name/, /line GPIO22 by name/]);
  await fake.led('onair:red:live');
  t.match(await ways(), [/line GPIO17/, /^red light: onair:red:live/, /^green light: line GPIO22/]);
  await fake.led('onair:green:ready', { triggers: 'none [timer]' });
  await fake.key(t, 167);
  t.match(await ways(), [/key 167/, /^red/, /^green light: onair:green:ready.*without its pattern trigger/]);
  t.match(await ways('virtual'), [/board\.sock/]);
});

t.test('what is declared and is not there is told, and the rest works', async (t) => {
  const fake = await FakeMachine.make(t);
  await fake.led('onair:red:live');
  const { line, lights, problems } = await open(t, fake, 'pi-5');
  t.equal(line, null);
  t.equal(lights.count, 1, 'one light is left, which says everything');
  t.same(
    problems.map(({ subject, action }) => [subject, action?.includes('firmware/boards/pi-5.json')]),
    [
      ['GPIO17', true],
      ['GPIO22', true],
    ],
  );
});

/** A keeper on a machine, and the panel that it hands boards to. */
async function keeper(t: Test, fake: FakeMachine, environment?: string) {
  const { logger, kept } = keepingLogger();
  const boards = new BoardKeeper({
    catalogue: new BoardCatalogue({ folder, sysRoot: fake.machine.sysRoot }),
    environment,
    machine: fake.machine,
    boardSocket: join(await shortFolder(t), 'board.sock'),
    clock: new DrivenClock(),
    logger,
  });
  const replaced: string[] = [];
  const notes: (string | undefined)[] = [];
  const panel = {
    replaceBoard: async (board: { name: string }) => void replaced.push(board.name),
    noteSetting: (problem: Error | null) => void notes.push(problem?.message),
  };
  const want = async (setting: string): Promise<void> => {
    boards.want(setting, panel as unknown as Panel);
    await boards.settled;
  };
  return { boards, kept, replaced, notes, want };
}

t.test('an unknown board runs with what it has, and says so', async (t) => {
  const fake = await FakeMachine.make(t);
  const bare = await keeper(t, fake);
  const first = await bare.boards.first();
  t.match(first, { name: 'unknown', ways: [/board\.sock/], problems: [] });
  t.match(bare.kept, [/in no file of firmware\/boards/]);
  await fake.key(t, 167);
  await fake.led('onair:green:ready');
  const { boards, kept } = await keeper(t, fake);
  const { line, lights, ways } = await boards.first();
  t.ok(line);
  t.equal(lights.count, 1);
  t.match(ways, [/key 167/, /green/]);
  t.match(kept, [/in no file/]);
});

t.test(
  'the setting changes the board in mid-run, once; a name that there is not changes nothing',
  async (t) => {
    const fake = await FakeMachine.make(t);
    await fake.chip(512, 'pinctrl-bcm2711', 58, lines);
    await fake.files.write({ 'firmware/devicetree/base/model': 'Raspberry Pi 4 Model B Rev 1.4' });
    const { boards, replaced, want, notes } = await keeper(t, fake);
    t.equal((await boards.first()).name, 'pi-4');
    await want('auto');
    await want('pi-4');
    t.same(replaced, [], 'it is that already');
    await want('virtual');
    await want('virtual');
    t.same(replaced, ['virtual']);
    await want('pi-6');
    t.same(replaced, ['virtual']);
    t.equal(notes.at(-1), 'There is no board named pi-6.');
    await want('auto');
    t.same(replaced, ['virtual', 'pi-4']);
    t.equal(notes.at(-1), undefined, 'nothing is wrong any more');
  },
);

t.test('ONAIR_BOARD is not overruled; one that there is not ends the daemon with a word', async (t) => {
  const fake = await FakeMachine.make(t);
  const { boards, replaced, want } = await keeper(t, fake, 'virtual');
  t.equal((await boards.first()).name, 'virtual');
  await want('pi-4');
  t.same(replaced, []);
  const wrong = await keeper(t, fake, 'pi-6');
  await t.rejects(wrong.boards.first(), { code: 'not-found', action: /virtual/ });
});

t.test('a board without lights shows nothing, and takes it', async (t) => {
  const { lights }: { lights: Lights } = await open(t, await FakeMachine.make(t), 'pi-4');
  t.equal(lights.count, 0);
  await lights.start();
  lights.show({ red: 'on', green: 'on' });
  await lights.close();
});
