import { PassThrough } from 'node:stream';
import t from 'tap';
import { onLines } from '#core/runtime/lines.ts';
import { systemClock } from '#core/runtime/system-clock.ts';

/** The lines that come of these pieces. */
async function linesOf(...pieces: (string | Buffer)[]): Promise<string[]> {
  const stream = new PassThrough();
  const lines: string[] = [];
  onLines(stream, (line) => lines.push(line));
  for (const piece of pieces) stream.write(piece);
  stream.end();
  await new Promise((resolve) => stream.once('end', resolve));
  return lines;
}

t.test('lines are put together from whatever pieces they come in', async (t) => {
  t.same(await linesOf('one\ntwo\n'), ['one', 'two']);
  t.same(await linesOf('o', 'n', 'e\nt', 'wo', '\n\nend'), ['one', 'two', ''], 'what has no end is none yet');
  const bytes = Buffer.from('Küche 🎥\n');
  t.same(await linesOf(...[...bytes].map((byte) => Buffer.from([byte]))), ['Küche 🎥']);
});

t.test('a peer without line ends costs bounded memory, and the line after is whole', async (t) => {
  const lines = await linesOf(...Array(200).fill('x'.repeat(10_000)), '\n', 'next\n');
  t.equal(lines.length, 2);
  t.ok((lines[0]?.length ?? 0) <= 64 * 1024 + 10_000);
  t.equal(lines[1], 'next');
});

t.test('the system’s clock does what the driven one pretends', async (t) => {
  t.ok(Math.abs(systemClock.nowMs() - Date.now()) < 1_000);
  const before = systemClock.monotonicMs();
  const order: string[] = [];
  const cancel = systemClock.after(1, () => order.push('cancelled'));
  cancel();
  await new Promise<void>((resolve) => {
    const end = systemClock.every(1, () => {
      order.push('every');
      if (order.length < 3) return;
      end();
      systemClock.after(1, resolve);
    });
  });
  t.same(order, ['every', 'every', 'every']);
  t.ok(systemClock.monotonicMs() > before);
});
