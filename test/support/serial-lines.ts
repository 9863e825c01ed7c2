import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Test } from 'tap';
import type { SerialLine, SerialListener } from '#console/serial/serial-line.ts';
import { SerialPort } from '#console/serial/serial-port.ts';
import { VirtualLine } from '#console/serial/virtual-line.ts';
import type { Clock } from '#core/domain/clock.ts';
import { Pty } from './pty.ts';
import { shortFolder } from './short-folder.ts';

const logger = pino({ level: 'silent' });

/** What a line has told, and a way to wait for it. */
export class Heard implements SerialListener {
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

export interface Host {
  write(bytes: Uint8Array | string): void;
  received(): Buffer;
  until(bytes: number): Promise<void>;
  /** The cable out, and in again. */
  leave(): Promise<void>;
  come(): Promise<void>;
  deaf(deaf: boolean): Promise<void>;
}

export interface LineUnderTest {
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

/** Each with a host at its other end. */
export const serialLines: Record<string, (t: Test, clock: Clock) => Promise<LineUnderTest>> = {
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
