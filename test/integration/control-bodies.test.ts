import { readFile } from 'node:fs/promises';
import t from 'tap';
import { ask } from '../support/ask.ts';
import { BareControl } from '../support/bare-control.ts';

t.setTimeout(240_000);

/** The most that a process has held in memory so far. */
async function peakMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1_024;
}

t.test('memory does not grow with what a client sends', async (t) => {
  const control = await BareControl.make(t);
  control.start();
  const { ports } = await control.box.until((status) => status.ports.http !== null, 30_000);
  const body = Buffer.alloc(10_000_000, 0x20);
  const headers = { 'content-type': 'application/sdp', 'transfer-encoding': 'chunked' };
  const send = () => ask('POST', `http://127.0.0.1:${ports.http}/whep`, { body, headers });
  t.match(await send(), { status: 413, json: { code: 'too-large' } });
  const before = await peakMb(control.pid ?? 0);
  // All of it at once: a server that kept what it refuses would hold 400 MB.
  await Promise.all(Array.from({ length: 40 }, send));
  const grown = (await peakMb(control.pid ?? 0)) - before;
  t.ok(grown < 200, `${Math.round(grown)} MB for 400 MB of bodies`);
});
