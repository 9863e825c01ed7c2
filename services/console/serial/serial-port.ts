import { SerialPortStream } from '@serialport/stream';
import type { Clock } from '#core/domain/clock.ts';
import { BackOff } from '#core/runtime/back-off.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { Outbox } from './outbox.ts';
import type { SerialLine, SerialListener } from './serial-line.ts';
import { ttyBinding } from './tty-binding.ts';
import type { UsbCable } from './usb-cable.ts';

/** USB has no baud rate; a real UART would have this one. */
const baudRate = 115_200;
/** The kernel may hold up a close for 15 s while a host that does not read has the box configured (u_serial.c). */
const closeWithinMs = 500;

/** A line that was open for this long was well: its next hang-up is a new one. */
const wellAfterMs = 500;

type Stream = SerialPortStream<typeof ttyBinding>;

interface Deps {
  path: string;
  cable: UsbCable | null;
  clock: Clock;
  logger: Logger;
}

/**
 * A terminal line of the system, such as the USB gadget's /dev/ttyGS0. Opened without waiting for a carrier, opened
 * again after each hang-up; nothing of it is ever waited for, neither a drain nor a close.
 */
export class SerialPort implements SerialLine {
  readonly #deps: Deps;
  readonly #backOff = new BackOff({ firstMs: 50, maxMs: 1_000 });
  readonly #outbox: Outbox;
  #listener: SerialListener | null = null;
  #stream: Stream | null = null;
  #attached = false;
  #closed = false;
  #stuck = false;
  #lastProblem = '';
  #openedAtMs = 0;
  #cancelRetry: () => void = () => {};

  /** @param deps.cable says when a host comes and goes; without one, an open line is taken for a host */
  constructor(deps: Deps) {
    this.#deps = deps;
    this.#outbox = new Outbox({
      clock: deps.clock,
      send: (chunk, done) => this.#send(chunk, done),
      onMuch: (isMuch) => (isMuch ? this.#stream?.pause() : this.#stream?.resume()),
    });
  }

  async start(listener: SerialListener): Promise<void> {
    this.#listener = listener;
    await this.#deps.cable?.start((plugged) => {
      if (!plugged) this.#detach();
      else if (this.#stream) this.#attach();
    });
    this.#open();
  }

  get pendingBytes(): number {
    return this.#outbox.pendingBytes;
  }

  /** The system did not let go of the line in time: only the end of the process can. */
  get stuck(): boolean {
    return this.#stuck;
  }

  write(bytes: Uint8Array): boolean {
    return this.#stream !== null && this.#outbox.put(bytes);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelRetry();
    this.#deps.cable?.close();
    this.#listener = null;
    const stream = this.#stream;
    this.#stream = null;
    this.#outbox.clear();
    if (!stream?.isOpen) return;
    this.#stuck = true;
    await new Promise<void>((resolve) => {
      const cancel = this.#deps.clock.after(closeWithinMs, resolve);
      stream.close(() => {
        cancel();
        this.#stuck = false;
        resolve();
      });
    });
  }

  #open(): void {
    const stream = new SerialPortStream({
      binding: ttyBinding,
      path: this.#deps.path,
      baudRate,
      autoOpen: false,
      hupcl: false,
      highWaterMark: 16 * 1024,
    });
    stream.on('error', () => {}); // 'close' follows where it was open
    stream.open((error) => {
      if (error) this.#retry(error);
      else if (this.#closed) stream.close();
      else this.#opened(stream);
    });
  }

  #opened(stream: Stream): void {
    this.#stream = stream;
    this.#lastProblem = '';
    this.#openedAtMs = this.#deps.clock.monotonicMs();
    this.#deps.logger.info({ path: this.#deps.path }, 'line open');
    stream.on('data', (bytes: Uint8Array) => {
      if (this.#stream !== stream) return;
      this.#attach();
      this.#listener?.received(bytes);
    });
    stream.once('close', () => this.#hungUp(stream));
    if (this.#deps.cable === null || this.#deps.cable.plugged !== false) this.#attach();
  }

  #hungUp(stream: Stream): void {
    if (this.#stream !== stream) return;
    this.#stream = null;
    this.#outbox.clear();
    if (this.#deps.clock.monotonicMs() - this.#openedAtMs > wellAfterMs) this.#backOff.reset();
    this.#deps.logger.info({ path: this.#deps.path }, 'line hung up');
    this.#detach();
    this.#deps.cable?.doubt();
    this.#retry(null);
  }

  #retry(problem: Error | null): void {
    if (this.#closed) return;
    if (problem && problem.message !== this.#lastProblem) {
      this.#lastProblem = problem.message;
      this.#deps.logger.warn(
        { path: this.#deps.path, err: problem },
        'the line cannot be opened, it is tried on and on',
      );
    }
    this.#cancelRetry = this.#deps.clock.after(this.#backOff.next(), () => this.#open());
  }

  #send(chunk: Uint8Array, done: () => void): void {
    const stream = this.#stream;
    if (stream === null) done();
    else stream.write(chunk, () => done());
  }

  #attach(): void {
    if (this.#attached) return;
    this.#attached = true;
    this.#listener?.attached();
  }

  #detach(): void {
    if (!this.#attached) return;
    this.#attached = false;
    this.#outbox.clear();
    this.#listener?.detached();
  }
}
