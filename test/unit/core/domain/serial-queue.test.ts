import t from 'tap';
import { SerialQueue } from '#core/domain/serial-queue.ts';

t.test('tasks run one after the other, and a failure is its own', async (t) => {
  const queue = new SerialQueue();
  const order: string[] = [];
  let finishFirst = (): void => {};
  const first = queue.run(async () => {
    await new Promise<void>((resolve) => {
      finishFirst = resolve;
    });
    order.push('first');
    throw new Error('it failed');
  });
  const second = queue.run(() => order.push('second'));
  await Promise.resolve();
  t.same(order, []);
  finishFirst();
  await t.rejects(first, { message: 'it failed' });
  t.equal(await second, 2, 'it returns what the task returns');
  await queue.settled;
  t.same(order, ['first', 'second']);
});
