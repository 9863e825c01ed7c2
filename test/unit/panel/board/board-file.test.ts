import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import {
  type BoardFile,
  boardFile,
  lightFor,
  liveButton,
  partsBeyond,
  unknownBoard,
} from '#panel/board/board-file.ts';
import { checkout } from '#test/support/command.ts';
import { readText } from '#test/support/source-files.ts';

const folder = 'firmware/boards';
const files = (await readdir(join(checkout, folder))).filter((file) => file.endsWith('.json')).sort();
const boards = await Promise.all(
  files.map(async (file) => boardFile.parse(JSON.parse(await readText(`${folder}/${file}`)))),
);
const real = boards.filter(({ wires }) => wires === 'hardware');

t.test('the boards that Onair runs on', (t) => {
  t.same(
    boards.map(({ name }) => `${name}.json`),
    files,
    'each in the file of its name',
  );
  t.same(files, ['pi-3.json', 'pi-4.json', 'pi-5.json', 'pi-zero-2-w.json', 'virtual.json']);
  const models = boards.flatMap((board) => board.models);
  for (const model of models)
    t.same(
      models.filter((other) => model.startsWith(other)),
      [model],
      `${model} means one board`,
    );
  t.end();
});

/** GPIO flags of the device tree (dt-bindings/gpio/gpio.h). */
const flags = { activeLow: 1, pullUp: 16, pullDown: 32 };

/** What an overlay says of one node: "live", "red". */
function node(source: string, name: string) {
  const text = new RegExp(`\\b${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? '';
  const [, controller, offset, flag] = /gpios = <&(\w+) (\d+) (\d+)>/.exec(text) ?? [];
  return {
    controller,
    offset: Number(offset),
    flags: Number(flag),
    label: /label = "([^"]+)"/.exec(text)?.[1],
    keyCode: Number(/linux,code = <(\d+)>/.exec(text)?.[1]),
  };
}

function partsOf(board: BoardFile) {
  const [button, red, green] = [liveButton(board), lightFor(board, 'red'), lightFor(board, 'green')];
  if (!button?.line || !red?.line || !green?.line) throw new Error(`${board.name} lacks a line`);
  return { button, red, green, lines: { button: button.line, red: red.line, green: green.line } };
}

for (const board of real) {
  t.test(`${board.name}: its overlay says the same as its file`, async (t) => {
    const { button, red, green, lines } = partsOf(board);
    const source = await readText(`firmware/overlays/${board.deviceTree?.overlay}.dtso`);
    const controller = lines.button.chip === 'pinctrl-rp1' ? 'rp1_gpio' : 'gpio';
    const pull = { up: flags.pullUp, down: flags.pullDown, none: 0 }[button.pull];
    t.same(node(source, 'live'), {
      controller,
      offset: lines.button.offset,
      flags: (button.activeLow ? flags.activeLow : 0) + pull,
      label: 'onair-button',
      keyCode: button.keyCode,
    });
    for (const [role, light, line] of [
      ['red', red, lines.red],
      ['green', green, lines.green],
    ] as const)
      t.match(node(source, role), {
        controller,
        offset: line.offset,
        flags: light.activeLow ? flags.activeLow : 0,
        label: light.led,
      });
    t.match(source, /compatible = "gpio-keys"/);
    t.match(source, /compatible = "gpio-leds"/);
    t.match(source, /debounce-interval = <5>/);
  });

  t.test(`${board.name}: config.txt says the same as its file`, async (t) => {
    const { button, red, green, lines } = partsOf(board);
    const common = await readText('firmware/boot/config.txt');
    const pull = { up: 'pu', down: 'pd', none: 'np' }[button.pull];
    t.match(common, `\ngpio=${lines.button.offset}=ip,${pull}\n`);
    const overlays = (await readText('firmware/boot/config-raspios.txt'))
      .split('\n')
      .filter((line) => line.startsWith('dtoverlay=gpio-'));
    const light = (name: string, line: number, activeLow: boolean, more = ''): string =>
      `dtoverlay=gpio-led,gpio=${line},label=${name}${activeLow ? ',active_low=1' : ''}${more}`;
    t.same(overlays, [
      `dtoverlay=gpio-key,gpio=${lines.button.offset},active_low=${button.activeLow ? 1 : 0},` +
        `gpio_pull=${button.pull},label=onair-button,keycode=${button.keyCode}`,
      light(red.led ?? '', lines.red.offset, red.activeLow),
      light(green.led ?? '', lines.green.offset, green.activeLow, ',trigger=timer'),
    ]);
  });

  t.test(`${board.name}: a line's name is its offset, and its pin is where the header has it`, (t) => {
    const { button, red, green, lines } = partsOf(board);
    // Of the 40-pin header, which all these boards share.
    const pins: Record<number, number> = { 17: 11, 27: 13, 22: 15 };
    for (const [part, line] of [
      [button, lines.button],
      [red, lines.red],
      [green, lines.green],
    ] as const) {
      t.equal(line.name, `GPIO${line.offset}`);
      t.equal(part.pin, pins[line.offset]);
    }
    t.end();
  });
}

t.test('a board of no known kind has the names that our overlays give', (t) => {
  const [pi] = real;
  if (!pi) throw new Error('no board');
  const [known, unknown] = [partsOf(pi), unknownBoard];
  t.equal(liveButton(unknown)?.keyCode, known.button.keyCode);
  t.equal(lightFor(unknown, 'red')?.led, known.red.led);
  t.equal(lightFor(unknown, 'green')?.led, known.green.led);
  t.same(boardFile.parse(unknown), unknown);
  t.end();
});

t.test('a second button, a buzzer and a display have their place in the file', (t) => {
  const [pi] = real;
  const line = { name: 'GPIO5', chip: 'pinctrl-bcm2835', offset: 5 };
  const board = boardFile.parse({
    ...pi,
    parts: [
      { kind: 'button', role: 'mark', line, keyCode: 168 },
      ...(pi?.parts ?? []),
      { kind: 'buzzer', role: 'done', line },
      { kind: 'display', role: 'status', bus: 'i2c-1', address: 60, driver: 'ssd1306' },
    ],
  });
  t.equal(liveButton(board)?.keyCode, 167, 'the button that goes live stays the one');
  t.same(partsBeyond(board), ['button mark', 'buzzer done', 'display status']);
  t.match(board.parts.at(-1), { bus: 'i2c-1', address: 60 }, 'kept as it is');
  t.end();
});

t.test('a file that is wrong is told where', (t) => {
  const [pi] = real;
  const wrong = (change: object) => boardFile.safeParse({ ...pi, ...change }).error?.issues[0];
  t.match(wrong({ name: 'Pi 4!' }), { path: ['name'] });
  t.match(wrong({ wires: 'radio' }), { path: ['wires'] });
  t.match(wrong({ pins: 4 }), { message: /pins/ });
  t.match(wrong({ parts: [{ kind: 'button', role: 'live', keycode: 3 }] }), {
    path: ['parts', 0],
    message: /keycode/,
  });
  t.match(wrong({ parts: [{ kind: 'light', role: 'red', line: { name: 'GPIO4' } }] }), {
    path: ['parts', 0, 'line', 'chip'],
  });
  t.match(wrong({ parts: [{ role: 'red' }] }), { path: ['parts', 0, 'kind'] });
  t.end();
});
