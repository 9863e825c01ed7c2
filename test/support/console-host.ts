import { pino } from 'pino';
import type { Test } from 'tap';
import { Console } from '#console/console.ts';
import { Conversation } from '#console/conversation.ts';
import { SerialPort } from '#console/serial/serial-port.ts';
import type { Clock } from '#core/domain/clock.ts';
import { ApiClient } from '#core/protocol/client.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';
import { systemClock } from '#core/runtime/system-clock.ts';
import { FakeControl } from './fake-control.ts';
import { Pty } from './pty.ts';
import { shortFolder } from './short-folder.ts';

const logger = pino({ level: 'silent' });
const withinMs = 15_000;

interface Wire {
  write(bytes: Uint8Array | string): void;
  onData(hear: (bytes: Buffer) => void): void;
}

/** A laptop at the other end of the line: says things and waits for what it expects to hear. */
export class LineHost {
  readonly wire: Wire;
  /** All that came, as text. */
  heard = '';
  #read = 0;
  #waiting: (() => void)[] = [];
  #nextId = 0;

  constructor(wire: Wire) {
    this.wire = wire;
    const decoder = new TextDecoder();
    wire.onData((bytes) => {
      this.heard += decoder.decode(bytes, { stream: true });
      for (const one of this.#waiting.splice(0)) one();
    });
  }

  /** Forgets what was read. */
  forget(): void {
    this.heard = this.unread;
    this.#read = 0;
  }

  /** What came since the last `until`. */
  get unread(): string {
    return this.heard.slice(this.#read);
  }

  send(bytes: Uint8Array | string): void {
    this.wire.write(bytes);
  }

  /** Waits for a match in what has not been read yet, and reads up to its end. */
  async until(pattern: RegExp | string): Promise<string> {
    const deadlineMs = Date.now() + withinMs;
    for (;;) {
      const found =
        typeof pattern === 'string'
          ? { index: this.unread.indexOf(pattern), length: pattern.length }
          : { index: this.unread.search(pattern), length: pattern.exec(this.unread)?.[0].length ?? 0 };
      if (found.index >= 0) {
        const text = this.unread.slice(0, found.index + found.length);
        this.#read += text.length;
        return text;
      }
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(
          () =>
            reject(new Error(`${pattern} did not come; unread: ${JSON.stringify(this.unread.slice(-500))}`)),
          Math.max(0, deadlineMs - Date.now()),
        );
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  /** A person: types a line and reads until the next prompt; returns what came between. */
  async type(line: string): Promise<string> {
    this.send(`${line}\r`);
    const text = await this.until('\r\nonair> ');
    return text
      .replace(/^[^\n]*\r\n/, '')
      .replace(/(\r\n)?onair> $/, '')
      .replaceAll('\r\n', '\n');
  }

  /** A program: one call, its result or its error. */
  async call(method: string, params?: unknown): Promise<{ result?: unknown; error?: unknown }> {
    this.#nextId += 1;
    const id = this.#nextId;
    this.send(
      `${JSON.stringify({ jsonrpc: '2.0', id, method, ...(params === undefined ? {} : { params }) })}\n`,
    );
    return await this.answer(id);
  }

  /** The next answer to this request. */
  async answer(id: number | string | null): Promise<{ result?: unknown; error?: unknown }> {
    for (;;) {
      const message = JSON.parse(await this.line());
      if (!Array.isArray(message) && 'id' in message && message.id === id) return message;
    }
  }

  /** The next line for programs. */
  async line(): Promise<string> {
    const text = await this.until(/[{[][^\n]*\n/);
    return /[{[][^\n]*\n$/.exec(text)?.[0] ?? '';
  }
}

export interface ConsoleOptions {
  /** False where control does not run yet. */
  control?: boolean;
  /** What the box is like before a host comes. */
  prepare?: (control: FakeControl) => void;
  /** Of what is said on the line. */
  clock?: Clock;
}

/** A console on a pseudo-terminal pair, with a pretended control behind it. */
export async function consoleOnPty(t: Test, options: ConsoleOptions = {}) {
  const folder = await shortFolder(t);
  const control = new FakeControl(folder);
  options.prepare?.(control);
  if (options.control !== false) await control.start();
  t.teardown(() => control.close());
  const pty = await Pty.open(folder);
  t.teardown(() => pty.close());
  const line = new SerialPort({ path: pty.path, cable: null, clock: systemClock, logger });
  const box = new ApiClient<'operator'>(linkTransport(control.socketPath));
  const host = new LineHost(pty);
  const { clock = systemClock } = options;
  const failures: unknown[] = [];
  let opened = (): void => {};
  // Opening a port throws away what came before.
  const isOpen = new Promise<void>((resolve) => {
    opened = resolve;
  });
  const terminal = new Console({
    line,
    open: async () => {
      opened();
      return new Conversation({ line, box, clock, logger });
    },
    onFailure: (error) => failures.push(error),
  });
  t.teardown(() => terminal.close());
  await terminal.start();
  await isOpen;
  return { control, pty, host, terminal };
}
