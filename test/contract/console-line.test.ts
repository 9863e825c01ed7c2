import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { pino } from 'pino';
import t, { type Test } from 'tap';
import type { Clock } from '#core/domain/clock.ts';
import type { SerialLine, SerialListener } from '#core/hardware/serial/serial-line.ts';
import { SerialPort } from '#core/hardware/serial/serial-port.ts';
import { UsbCable } from '#core/hardware/serial/usb-cable.ts';
import { VirtualLine } from '#core/hardware/serial/virtual-line.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { DrivenClock } from '../support/driven-clock.ts';
import { Pty } from '../support/pty.ts';
import { shortFolder } from '../support/short-folder.ts';

t.setTimeout(55_000);
const logger = pino({ level: 'silent' });
/** Ten times as fast: what was hung up is opened again without much waiting. */
const quick: Clock = { ...clock, after: (delayMs, callback) => clock.after(delayMs / 10, callback) };

/** What a line has told, and a way to wait for it. */
class Heard implements SerialListener {
  readonly told: ('attached' | 'detached')[] = [];
  bytes = Buffer.alloc(0);
  #waiting: (() => void)[] = [];

  attached(): void {
    this.told.push('attached');
    this.#wake();
  }

  detached(): void {
    this.told.push('detached');
    this.#wake();
  }

  received(bytes: Uint8Array): void {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    this.#wake();
  }

  async until(reached: (heard: Heard) => boolean): Promise<void> {
    while (!reached(this)) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #wake(): void {
    for (const one of this.#waiting.splice(0)) one();
  }
}

interface Host {
  write(bytes: Uint8Array | string): void;
  received(): Buffer;
  until(bytes: number): Promise<void>;
  /** The cable out, and in again. */
  leave(): Promise<void>;
  come(): Promise<void>;
  deaf(deaf: boolean): Promise<void>;
}

interface LineUnderTest {
  line: SerialLine;
  host: Host;
}

class Ear {
  bytes = Buffer.alloc(0);
  #waiting: (() => void)[] = [];

  hear(bytes: Buffer): void {
    this.bytes = Buffer.concat([this.bytes, bytes]);
    for (const one of this.#waiting.splice(0)) one();
  }

  async until(length: number): Promise<void> {
    while (this.bytes.length < length) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

const lines: Record<string, (t: Test, clock: Clock) => Promise<LineUnderTest>> = {
  'serial port': async (t, clock) => {
    const pty = await Pty.open(await shortFolder(t));
    t.teardown(() => pty.close());
    const line = new SerialPort({ path: pty.path, cable: null, clock, logger });
    t.teardown(() => line.close());
    const ear = new Ear();
    pty.onData((bytes) => ear.hear(bytes));
    return {
      line,
      host: {
        write: (bytes) => pty.write(bytes),
        received: () => ear.bytes,
        until: (length) => ear.until(length),
        leave: () => pty.unplug(),
        come: () => pty.plug(),
        deaf: (deaf) => pty.deaf(deaf),
      },
    };
  },
  'virtual line': async (t, clock) => {
    const socketPath = join(await shortFolder(t), 'console.sock');
    const line = new VirtualLine({ socketPath, clock });
    t.teardown(() => line.close());
    const ear = new Ear();
    let socket: Socket | null = null;
    const come = async (): Promise<void> => {
      socket = connect(socketPath);
      socket.on('data', (bytes) => ear.hear(bytes));
      socket.on('error', () => {});
      await once(socket, 'connect');
    };
    const host = async (): Promise<Socket> => {
      if (socket === null) await come();
      if (socket === null) throw new Error('no host');
      return socket;
    };
    t.teardown(() => socket?.destroy());
    const wrapped: LineUnderTest = {
      line: {
        start: async (listener) => {
          await line.start(listener);
          await host();
        },
        write: (bytes) => line.write(bytes),
        get pendingBytes() {
          return line.pendingBytes;
        },
        close: () => line.close(),
      },
      host: {
        write: (bytes) => socket?.write(bytes),
        received: () => ear.bytes,
        until: (length) => ear.until(length),
        leave: async () => void socket?.destroy(),
        come,
        deaf: async (deaf) => void (deaf ? socket?.pause() : socket?.resume()),
      },
    };
    return wrapped;
  },
};

for (const [name, make] of Object.entries(lines)) {
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

t.test('a hung-up port costs nothing while it is away', async (t) => {
  const pty = await Pty.open(await shortFolder(t));
  t.teardown(() => pty.close());
  const line = new SerialPort({ path: pty.path, cable: null, clock, logger });
  t.teardown(() => line.close());
  const heard = new Heard();
  await line.start(heard);
  await heard.until(({ told }) => told.length === 1);
  await pty.unplug();
  await heard.until(({ told }) => told.length === 2);
  const before = process.cpuUsage();
  // What a period costs can only be seen once it has passed.
  await new Promise((resolve) => setTimeout(resolve, 500));
  const { user, system } = process.cpuUsage(before);
  t.ok((user + system) / 1_000 < 250, `${(user + system) / 1_000} ms of processor in 500 ms`);
});

t.test('a port that is not there yet is opened when it comes', async (t) => {
  const folder = await shortFolder(t);
  const line = new SerialPort({ path: join(folder, 'tty'), cable: null, clock, logger });
  t.teardown(() => line.close());
  const heard = new Heard();
  await line.start(heard);
  t.same(heard.told, []);
  const pty = await Pty.open(folder);
  t.teardown(() => pty.close());
  await heard.until(({ told }) => told.length === 1);
});

t.test('the device controller says when a host comes and goes', async (t) => {
  const folder = await shortFolder(t);
  const controller = join(folder, 'udc', 'dummy_udc.0');
  await mkdir(controller, { recursive: true });
  const say = (state: string): Promise<void> => writeFile(join(controller, 'state'), `${state}\n`);
  await say('not attached');
  const pty = await Pty.open(folder);
  t.teardown(() => pty.close());
  const cable = new UsbCable({ directory: join(folder, 'udc'), clock });
  const line = new SerialPort({ path: pty.path, cable, clock, logger });
  t.teardown(() => line.close());
  const heard = new Heard();
  await line.start(heard);
  await say('configured');
  await heard.until(({ told }) => told.length === 1);
  await say('suspended');
  await say('not attached');
  await heard.until(({ told }) => told.length === 2);
  pty.write('x');
  await heard.until(({ bytes }) => bytes.length === 1);
  t.same(
    heard.told,
    ['attached', 'detached', 'attached'],
    'who speaks is there, whatever the controller says',
  );
});

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
