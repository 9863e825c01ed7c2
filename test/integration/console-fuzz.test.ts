import { readFile } from 'node:fs/promises';
import t from 'tap';
import { ConsoleDaemon } from '../support/console-daemon.ts';
import { FuzzLines } from '../support/fuzz-lines.ts';

// Hostile hosts on the serial line. `make fuzz` sends more.

const thorough = process.env.ONAIR_FUZZ_COUNT !== undefined;
const count = Number(process.env.ONAIR_FUZZ_COUNT ?? 5_000);
const seed = Number(process.env.ONAIR_FUZZ_SEED || (thorough ? Date.now() % 2 ** 31 : 20_260_102));
const linesAtOnce = 25;

t.test(`${count} lines with seed ${seed}`, { timeout: 1_500_000 }, async (t) => {
  t.comment(`ONAIR_FUZZ_COUNT=${count} ONAIR_FUZZ_SEED=${seed}`);
  const daemon = await ConsoleDaemon.start(t);
  const { host, control } = daemon;
  await host.until('onair> ');
  const lines = new FuzzLines(seed);
  let before: number | null = null;
  for (let sent = 0; sent < count; sent += linesAtOnce) {
    const batch = Array.from({ length: linesAtOnce }, () => lines.next());
    host.send(Buffer.concat(batch));
    // Whatever the last line was, the one after the next line end counts.
    host.send('\n');
    const probe = `probe-${sent}`;
    host.send(`${JSON.stringify({ jsonrpc: '2.0', id: probe, method: 'help', params: ['help'] })}\n`);
    await host.until(`"id":"${probe}"`);
    host.forget();
    control.asked.splice(0);
    if (sent === 1_000) before = (await daemon.memory()).residentMb;
  }
  const after = (await daemon.memory()).residentMb;
  t.comment(`resident ${before?.toFixed(0)} MB after 1,000 lines, ${after.toFixed(0)} MB after ${count}`);
  t.ok(after - (before ?? 0) < 60, 'memory is bounded');
  host.send('{"jsonrpc":"2.0","id":"quiet","method":"unsubscribe"}\n');
  await host.until('"id":"quiet"');
  // A line that looks like our own echo is met with a second's silence, which only time ends in a daemon.
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  host.send('\u0003');
  await host.until(/\^C\r\nonair> $/);
  t.match(await host.type('help status'), /^status {2}How the box is/, 'a person goes on too');
  t.match(await readFile(`/proc/${daemon.pid}/comm`, 'utf8'), 'onair-console', 'the same process');
});

t.test('lines of 1 MB of every kind', { timeout: 120_000 }, async (t) => {
  const daemon = await ConsoleDaemon.start(t);
  const { host } = daemon;
  await host.until('onair> ');
  const megabyte = (text: string): Buffer => Buffer.alloc(1_000_000, text);
  for (const [name, line] of Object.entries({
    'a person': megabyte('status '),
    'a program': Buffer.concat([Buffer.from('{"a":"'), megabyte('x')]),
    'a batch': Buffer.concat([Buffer.from('['), megabyte('{},')]),
    noise: megabyte('\u00ff\u0000\u0080').map((byte) => (byte === 10 || byte === 13 ? 0 : byte)),
    headers: megabyte('IMPROV'),
    escapes: megabyte('\u001b[1;'),
  })) {
    host.send(line);
    host.send('\n{"jsonrpc":"2.0","id":"next","method":"help","params":["help"]}\n');
    await host.until('"id":"next"');
    host.forget();
    t.pass(name);
  }
  t.ok((await daemon.memory()).residentMb < 150, `${(await daemon.memory()).residentMb.toFixed(0)} MB`);
});
