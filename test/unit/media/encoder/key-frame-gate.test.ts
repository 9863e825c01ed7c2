import t from 'tap';
import { KeyFrameGate } from '#media/encoder/key-frame-gate.ts';

t.test('requests that come together are one, and one more after the interval: none is lost', async (t) => {
  let passed = 0;
  let wake = (): void => {};
  const gate = new KeyFrameGate({
    minimumMs: 20,
    onPass: () => {
      passed += 1;
      wake();
    },
  });
  t.teardown(() => gate.close());
  gate.request();
  t.equal(passed, 1, 'the first at once');
  const postponed = new Promise<void>((resolve) => {
    wake = resolve;
  });
  gate.request();
  gate.request();
  t.equal(passed, 1, 'the others are put off');
  await postponed;
  t.equal(passed, 2, 'and are one');
});
