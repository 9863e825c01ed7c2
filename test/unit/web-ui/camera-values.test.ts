import t from 'tap';
import { type ChosenControls, ControlSender, sizesOf, valueText } from '#web-ui/studio/live/camera-values.ts';

t.test('one request at a time, the newest values next, none lost', async (t) => {
  const sent: ChosenControls[] = [];
  const answers: (() => void)[] = [];
  let idle = 0;
  const send = (controls: ChosenControls) => {
    sent.push(controls);
    return new Promise<void>((resolve) => answers.push(resolve));
  };
  const sender = new ControlSender(send, () => {
    idle += 1;
  });
  for (const brightness of [1, 2, 3]) sender.push({ brightness });
  sender.push({ flip: 'both' });
  t.same(sent, [{ brightness: 1 }]);
  answers.shift()?.();
  await new Promise(setImmediate);
  t.same(sent, [{ brightness: 1 }, { brightness: 3, flip: 'both' }]);
  t.equal(idle, 0);
  answers.shift()?.();
  await new Promise(setImmediate);
  t.equal(idle, 1);
  sender.push({ brightness: null });
  t.same(sent.at(-1), { brightness: null });
});

t.test('values as people read them', async (t) => {
  const figure = (value: number, digits = 0) => value.toFixed(digits);
  t.equal(valueText('exposure', 20_000, figure), '1/50 s');
  t.equal(valueText('exposure', 500_000, figure), '0.5 s');
  t.equal(valueText('exposure', 0, figure), '0 s');
  t.equal(valueText('whiteBalance', 5_000, figure), '5000 K');
  t.equal(valueText('gain', -3, figure), '-3');
});

t.test('rates by size', async (t) => {
  const mode = (width: number, height: number, framesPerSecond: number) => ({
    width,
    height,
    framesPerSecond,
  });
  t.same(sizesOf([mode(1920, 1080, 30), mode(640, 480, 30), mode(640, 480, 15)]), [
    { width: 1920, height: 1080, rates: [30] },
    { width: 640, height: 480, rates: [30, 15] },
  ]);
});
