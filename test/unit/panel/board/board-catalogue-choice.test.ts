import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { OnairError } from '#core/domain/errors.ts';
import { BoardCatalogue } from '#panel/board/board-catalogue.ts';
import { checkout } from '#test/support/command.ts';
import { SystemFiles } from '#test/support/system-files.ts';

const shipped = join(checkout, 'firmware/boards');

/** The shipped boards on a machine that says this of itself. */
async function on(t: Test, model: string | null, folder = shipped): Promise<BoardCatalogue> {
  const files = model === null ? {} : { 'firmware/devicetree/base/model': `${model}\0` };
  const { root } = await SystemFiles.make(t, files);
  return new BoardCatalogue({ folder, sysRoot: root });
}

const models: [string, string][] = [
  ['Raspberry Pi Zero 2 W Rev 1.0', 'pi-zero-2-w'],
  ['Raspberry Pi 3 Model B Rev 1.2', 'pi-3'],
  ['Raspberry Pi 3 Model B Plus Rev 1.3', 'pi-3'],
  ['Raspberry Pi 3 Model A Plus Rev 1.0', 'pi-3'],
  ['Raspberry Pi 4 Model B Rev 1.4', 'pi-4'],
  ['Raspberry Pi 400 Rev 1.0', 'pi-4'],
  ['Raspberry Pi 5 Model B Rev 1.0', 'pi-5'],
];
for (const [model, name] of models)
  t.test(`"${model}" is ${name}`, async (t) => {
    const chosen = await (await on(t, model)).choose({ environment: undefined, setting: 'auto' });
    t.match(chosen, { board: { name }, model, chosenBy: 'model', file: join(shipped, `${name}.json`) });
  });

t.test('another model, or none, runs with what it has', async (t) => {
  for (const model of ['Radxa ROCK 3C', 'Raspberry Pi Model B Rev 2', null]) {
    const chosen = await (await on(t, model)).choose({ environment: '', setting: null });
    t.match(chosen, { board: { name: 'unknown' }, model, chosenBy: 'nothing' });
  }
});

t.test('ONAIR_BOARD comes before the setting, the setting before the model', async (t) => {
  const catalogue = await on(t, 'Raspberry Pi 4 Model B Rev 1.4');
  const names = async (environment: string | undefined, setting: string | null) => {
    const { board, chosenBy } = await catalogue.choose({ environment, setting });
    return [board.name, chosenBy];
  };
  t.same(await names(undefined, 'pi-5'), ['pi-5', 'panel.board']);
  t.same(await names('virtual', 'pi-5'), ['virtual', 'ONAIR_BOARD']);
  t.same(await names('auto', 'auto'), ['pi-4', 'model']);
});

t.test('a name that no file has is an error that says what there is', async (t) => {
  const catalogue = await on(t, null);
  for (const name of ['pi-6', '../boards/pi-4', 'pi-4.json']) {
    const error = await catalogue.choose({ environment: name, setting: null }).catch((one) => one);
    t.ok(error instanceof OnairError);
    t.match(error, { code: 'not-found', action: /ONAIR_BOARD.*pi-zero-2-w.*virtual/ });
  }
});

t.test('a file that is wrong is an error that says where', async (t) => {
  const { root } = await SystemFiles.make(t);
  await mkdir(join(root, 'boards'));
  await copyFile(join(shipped, 'pi-4.json'), join(root, 'boards/pi-4.json'));
  const catalogue = await on(t, null, join(root, 'boards'));
  for (const text of ['{', '[]', '{"name":"mine"}']) {
    await writeFile(join(root, 'boards/mine.json'), text);
    const error = await catalogue.choose({ environment: 'mine', setting: null }).catch((one) => one);
    t.match(error, { code: 'invalid-message', message: /boards\/mine\.json is wrong/ });
  }
});
