import t from 'tap';
import { Parts } from '#core/runtime/parts.ts';

t.test('parts are closed one after the other, the newest first, and once', async (t) => {
  const log: string[] = [];
  const parts = new Parts();
  const slow = parts.own({
    close: async () => {
      await new Promise<void>((resolve) => setImmediate(resolve));
      log.push('first made');
    },
  });
  t.type(slow.close, 'function', 'what is owned is handed back');
  parts.own({
    close: async () => {
      await new Promise<void>((resolve) => setImmediate(resolve));
      log.push('second made');
    },
  });
  await parts.close();
  await parts.close();
  t.strictSame(log, ['second made', 'first made']);
});

t.test('a part that fails to close keeps no other from being closed', async (t) => {
  const closed: string[] = [];
  const parts = new Parts();
  parts.own({ close: () => void closed.push('one') });
  parts.own({ close: () => Promise.reject(new Error('stuck')) });
  parts.own({ close: () => void closed.push('three') });
  await t.rejects(parts.close(), { message: 'stuck' });
  t.strictSame(closed, ['three', 'one']);

  parts.own({ close: () => Promise.reject(new Error('stuck')) });
  parts.own({
    close: () => {
      throw new Error('broken');
    },
  });
  await t.rejects(parts.close(), { errors: [{ message: 'broken' }, { message: 'stuck' }] });
});
