import t from 'tap';
import { OnairError } from '#core/domain/errors.ts';
import { parseGpioInfo } from '#panel/gpio/gpio-info.ts';
import { KeyButton, loadEpoll } from '#panel/gpio/key-button.ts';
import { LineFinder } from '#panel/gpio/line-finder.ts';
import { openLine } from '#panel/gpio/sysfs-gpio.ts';
import { DrivenClock } from '#test/support/driven-clock.ts';
import { FakeMachine } from '#test/support/fake-machine.ts';

const line = { name: 'GPIO17', chip: 'pinctrl-rp1', offset: 17 };
const file = 'firmware/boards/pi-5.json';
const names = (from: number): string[] => Array.from({ length: 54 }, (_, at) => `GPIO${from + at}`);
const finderOf = ({ machine }: FakeMachine) =>
  new LineFinder({ root: machine.sysRoot, namedLines: machine.namedLines });

t.test('by the name in the device tree, wherever the chip begins', async (t) => {
  const fake = await FakeMachine.make(t);
  await fake.chip(512, 'raspberrypi-exp-gpio', 8, ['BT_ON', '', 'GPIO_LED']);
  await fake.chip(571, 'another-chip', 54, names(-3));
  t.same(await finderOf(fake).find(line, file), {
    number: 571 + 20,
    chip: 'another-chip',
    offset: 20,
    foundBy: 'name',
  });
  t.equal(fake.asked, 0, 'nobody has to be asked');
});

t.test('by the name in the node of a bank, which is the one chip of its device', async (t) => {
  const fake = await FakeMachine.make(t);
  await fake.chip(520, 'gpio-sim', 54);
  await fake.device('gpiochip1', 'gpio-sim', 520, names(0));
  t.match(await finderOf(fake).find(line, file), { number: 537, chip: 'gpio-sim', foundBy: 'name' });
  t.equal(fake.asked, 0, 'nobody has to be asked');
  await fake.device('gpiochip2', 'gpio-sim', 520, names(10));
  await t.rejects(finderOf(fake).find(line, file), { code: 'not-found' }, 'with two it could be the other');
});

t.test('by the name that the character device knows, where the device tree has none', async (t) => {
  const fake = await FakeMachine.make(t);
  await fake.chip(512, 'gpio-sim.0-node0', 54);
  await fake.chip(600, 'pinctrl-rp1', 54);
  await fake.device('gpiochip0', 'pinctrl-rp1', 600);
  await fake.device('gpiochip1', 'gpio-sim.0-node0', 512);
  fake.namedLines = [
    { device: 'gpiochip0', offset: 3, name: 'GPIO3' },
    { device: 'gpiochip1', offset: 30, name: 'GPIO17' },
  ];
  t.match(await finderOf(fake).find(line, file), { number: 542, chip: 'gpio-sim.0-node0', foundBy: 'name' });
});

t.test('else by label and offset: the base of a chip is no constant', async (t) => {
  for (const base of [0, 512, 520, 571]) {
    const fake = await FakeMachine.make(t);
    await fake.chip(base + 100, 'gpio-brcmstb', 32);
    await fake.chip(base, 'pinctrl-rp1', 54);
    t.match(await finderOf(fake).find(line, file), { number: base + 17, offset: 17, foundBy: 'chip' });
  }
});

t.test(
  'a line that is nowhere is an error with its name, the chips there are and the board file',
  async (t) => {
    const fake = await FakeMachine.make(t);
    await fake.chip(512, 'pinctrl-bcm2711', 58);
    await fake.chip(570, 'pinctrl-rp1', 16); // too few lines
    const error = await finderOf(fake)
      .find(line, file)
      .catch((one: unknown) => one);
    t.ok(error instanceof OnairError);
    t.match(error, {
      code: 'not-found',
      message: /GPIO17.*pinctrl-rp1.*pinctrl-bcm2711 \(58 lines\), pinctrl-rp1 \(16 lines\)/,
      action: /firmware\/boards\/pi-5\.json/,
    });
    const none = await finderOf(await FakeMachine.make(t))
      .find(line, file)
      .catch((one: unknown) => one);
    t.match(none, { message: /the chips are: none/ });
  },
);

t.test('what gpioinfo prints, in its two versions', (t) => {
  const first = `gpiochip0 - 54 lines:
\tline   0:     "ID_SDA"       unused   input  active-high
\tline  17:     "GPIO17" "onair-button"   input   active-low [used]
\tline  18:      unnamed       unused   input  active-high
gpiochip1 - 8 lines:
\tline   0:      "BT_ON"   "shutdown"  output  active-high [used]
`;
  const second = `gpiochip0 - 3 lines:
\tline   0:\t"GPIO0"         \tinput
\tline   1:\tunnamed         \tinput
\tline   2:\t"GPIO17"        \tinput active-low consumer="onair"
`;
  t.same(parseGpioInfo(first), [
    { device: 'gpiochip0', offset: 0, name: 'ID_SDA' },
    { device: 'gpiochip0', offset: 17, name: 'GPIO17' },
    { device: 'gpiochip1', offset: 0, name: 'BT_ON' },
  ]);
  t.same(parseGpioInfo(second), [
    { device: 'gpiochip0', offset: 0, name: 'GPIO0' },
    { device: 'gpiochip0', offset: 2, name: 'GPIO17' },
  ]);
  t.same(parseGpioInfo(''), [], 'it is not there');
  t.end();
});

const gpioLine = { number: 529, name: 'GPIO17', activeLow: true };

t.test(
  'a line that is in use is told at once; one that udev has not given us yet is waited for',
  async (t) => {
    const [fake, clock] = [await FakeMachine.make(t), new DrivenClock()];
    const open = await fake.machine.openGpio();
    fake.openErrors = ['EBUSY: resource busy or locked, write'];
    await t.rejects(openLine({ ...gpioLine, open }, 'input', clock), { message: /GPIO17 is in use/ });
    const waiting = async (errors: number) => {
      fake.openErrors = Array.from({ length: errors }, () => 'EACCES: permission denied, open');
      const opened = openLine({ ...gpioLine, open }, 'input', clock).catch((error: unknown) => error);
      for (let step = 0; step < 30; step += 1) {
        await Promise.resolve();
        clock.advance(100);
      }
      return await opened;
    };
    t.match(await waiting(5), { readSync: Function });
    t.match(await waiting(1_000), { code: 'unavailable', message: /EACCES/, action: /udev/ });
  },
);

t.test(
  'the key of gpio-keys, not that of a keyboard; only our key, pressed, held and released',
  async (t) => {
    const fake = await FakeMachine.make(t);
    await fake.key(t, 167);
    t.equal(await KeyButton.find(fake.machine.sysRoot, 167), 'event1');
    t.equal(await KeyButton.find(fake.machine.sysRoot, 166), null);
    t.equal(await KeyButton.find('/nowhere', 167), null);
    const path = `${fake.machine.devRoot}/input/event1`;
    const button = new KeyButton({ path, code: 167, openWatch: await fake.machine.openReadWatch() });
    const levels: boolean[] = [];
    await button.start((pressed) => void levels.push(pressed));
    t.same(levels.splice(0), [false], 'how it stands is not told: as released');
    await fake.event(1, 167, 0);
    t.same(levels.splice(0), [false], 'held through a restart: its release, which is no press');
    for (const value of [1, 2, 2, 0]) await fake.event(1, 167, value);
    t.same(levels.splice(0), [true, true, true, false]);
    await fake.event(1, 30, 1); // another key
    await fake.event(0, 0, 0); // SYN_REPORT
    t.same(levels, []);
    button.close();
    button.close();
  },
);

t.test('how long ago an edge was is told, unless the wall clock was set meanwhile', async (t) => {
  const fake = await FakeMachine.make(t);
  await fake.key(t, 167);
  const path = `${fake.machine.devRoot}/input/event1`;
  const button = new KeyButton({ path, code: 167, openWatch: await fake.machine.openReadWatch() });
  const ages: (number | undefined)[] = [];
  await button.start((_, ageMs) => void ages.push(ageMs));
  for (const ageMs of [300, 86_400_000, -86_400_000]) await fake.event(1, 167, 1, ageMs);
  button.close();
  const [, late = 0, ...unbelievable] = ages;
  t.ok(late >= 300 && late < 5_000, `${late} ms`);
  t.same(unbelievable, [0, 0]);
});

t.test('a key that may not be read is told so', async (t) => {
  const button = new KeyButton({ path: '/nowhere/event1', code: 167, openWatch: await loadEpoll() });
  await t.rejects(
    button.start(() => {}),
    { code: 'unavailable', action: /udev/ },
  );
  button.close();
});

t.test('gpioinfo that is not there, or knows nothing, is no trouble', async (t) => {
  const fake = await FakeMachine.make(t);
  await fake.chip(512, 'pinctrl-rp1', 54);
  t.equal((await finderOf(fake).find(line, file)).number, 529);
  t.equal(fake.asked, 1);
});
