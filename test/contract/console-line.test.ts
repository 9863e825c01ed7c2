import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import { VirtualLine } from '#console/serial/virtual-line.ts';
import type { Clock } from '#core/domain/clock.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { DrivenClock } from '../support/driven-clock.ts';
import { Heard, serialLines } from '../support/serial-lines.ts';
import { shortFolder } from '../support/short-folder.ts';

t.setTimeout(55_000);
/** Ten times as fast: what was hung up is opened again without much waiting. */
const quick: Clock = { ...clock, after: (delayMs, callback) => clock.after(delayMs / 10, callback) };

for (const [name, make] of Object.entries(serialLines)) {
  t.test(`${name}: all byte values pass both ways, a megabyte too`, async (t) => {
    const { line, host } = await make(t, quick);
    const heard = new Heard();
    await line.start(heard);
    await heard.until(({ told }) => told.length === 1);
    const all = Buffer.from(Array.from({ length: 256 }, (_, value) => value));
    host.write(all);
    await heard.until(({ bytes }) => bytes.length === 256);
    t.ok(heard.bytes.equals(all), 'to the box');
    t.equal(line.write(all), true);
    await host.until(256);
    t.ok(host.received().equals(all), 'to the host');
    const much = Buffer.alloc(1_000_000, 'onair ');
    host.write(much);
    await heard.until(({ bytes }) => bytes.length === 256 + much.length);
    t.ok(heard.bytes.subarray(256).equals(much));
    t.same(heard.told, ['attached']);
  });

  t.test(`${name}: a host that does not read costs bounded memory and holds nothing up`, async (t) => {
    const clock = new DrivenClock();
    const { line, host } = await make(t, clock);
    const heard = new Heard();
    await line.start(heard);
    await heard.until(({ told }) => told.length === 1);
    await host.deaf(true);
    const kilobyte = Buffer.alloc(1_024, '.');
    const taken = Array.from({ length: 4_000 }, () => line.write(kilobyte)).filter(Boolean).length;
    t.ok(taken < 4_000, `${taken} kB were taken`);
    t.ok(line.pendingBytes <= 1_024 * 1_024, `${line.pendingBytes} bytes wait`);
    host.write('still heard');
    clock.advance(5_000);
    await heard.until(({ bytes }) => String(bytes) === 'still heard'); // since what waited is given up
    t.ok(line.pendingBytes <= 4 * 1_024, 'nobody will want it');
    const closed = line.close();
    clock.advance(1_000);
    await closed;
  });

  t.test(`${name}: what waits goes out in order once the host reads`, async (t) => {
    const { line, host } = await make(t, new DrivenClock());
    const heard = new Heard();
    await line.start(heard);
    await heard.until(({ told }) => told.length === 1);
    await host.deaf(true);
    const sent: Buffer[] = [];
    for (let isFull = false; !isFull; await setImmediate()) {
      const kilobyte = Buffer.alloc(1_024, sent.length);
      isFull = !line.write(kilobyte);
      if (!isFull) sent.push(kilobyte);
    }
    host.write('heard meanwhile');
    await host.deaf(false);
    await host.until(sent.length * 1_024);
    t.ok(host.received().equals(Buffer.concat(sent)), 'without another word from the host');
    await heard.until(({ bytes }) => String(bytes) === 'heard meanwhile');
    while (line.pendingBytes > 0) await setImmediate(); // the system says a little later that the host has the last
    t.equal(line.pendingBytes, 0);
  });

  t.test(`${name}: a host that leaves in mid-line is told of, and the next one is a new one`, async (t) => {
    const { line, host } = await make(t, quick);
    const heard = new Heard();
    await line.start(heard);
    await heard.until(({ told }) => told.length === 1);
    host.write('half a li');
    await heard.until(({ bytes }) => bytes.length === 9);
    for (const round of [1, 2]) {
      await host.leave();
      await heard.until(({ told }) => told.length === 2 * round);
      t.equal(line.write(Buffer.from('x')), false, 'nobody is there');
      await host.come();
      await heard.until(({ told }) => told.length === 2 * round + 1);
      host.write('ne');
      await heard.until(({ bytes }) => bytes.length === 9 + 2 * round);
    }
    t.same(heard.told, ['attached', 'detached', 'attached', 'detached', 'attached']);
  });

  t.test(`${name}: closed it is silent, and may be closed again`, async (t) => {
    const { line, host } = await make(t, quick);
    const heard = new Heard();
    await line.start(heard);
    await heard.until(({ told }) => told.length === 1);
    await line.close();
    await line.close();
    host.write('too late');
    t.equal(line.write(Buffer.from('x')), false);
    t.same(heard.told, ['attached']);
    t.equal(heard.bytes.length, 0);
  });
}

t.test('one host on a virtual line at a time; the second is told so', async (t) => {
  const socketPath = join(await shortFolder(t), 'console.sock');
  await writeFile(socketPath, 'leftover');
  const line = new VirtualLine({ socketPath, clock });
  t.teardown(() => line.close());
  const heard = new Heard();
  await line.start(heard);
  const [first, second] = [connect(socketPath), connect(socketPath)];
  t.teardown(() => first.destroy());
  const [bytes] = await once(second, 'data');
  t.match(String(bytes), /in use/);
  await once(second, 'close');
  first.write('x');
  await heard.until(({ bytes }) => bytes.length === 1);
  t.same(heard.told, ['attached']);
});
