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

/**
 * A terminal line of the system, such as the USB gadget's /dev/ttyGS0. Opened without waiting for a carrier, opened
 * again after each hang-up; nothing of it is ever waited for, neither a drain nor a close.
 */
export class SerialPort implements SerialLine {
  readonly #path: string;
  readonly #cable: UsbCable | null;
  readonly #clock: Clock;
  readonly #logger: Logger;
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

  /** @param options.cable says when a host comes and goes; without one, an open line is taken for a host */
  constructor(options: { path: string; cable: UsbCable | null; clock: Clock; logger: Logger }) {
    this.#path = options.path;
    this.#cable = options.cable;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#outbox = new Outbox({
      clock: options.clock,
      send: (chunk, done) => this.#send(chunk, done),
      onMuch: (isMuch) => (isMuch ? this.#stream?.pause() : this.#stream?.resume()),
    });
  }

  async start(listener: SerialListener): Promise<void> {
    this.#listener = listener;
    await this.#cable?.start((plugged) => {
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
    this.#cable?.close();
    this.#listener = null;
    const stream = this.#stream;
    this.#stream = null;
    this.#outbox.clear();
    if (!stream?.isOpen) return;
    this.#stuck = true;
    await new Promise<void>((resolve) => {
      const cancel = this.#clock.after(closeWithinMs, resolve);
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
      path: this.#path,
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
    this.#openedAtMs = this.#clock.monotonicMs();
    this.#logger.info({ path: this.#path }, 'line open');
    stream.on('data', (bytes: Uint8Array) => {
      if (this.#stream !== stream) return;
      this.#attach();
      this.#listener?.received(bytes);
    });
    stream.once('close', () => this.#hungUp(stream));
    if (this.#cable === null || this.#cable.plugged !== false) this.#attach();
  }

  #hungUp(stream: Stream): void {
    if (this.#stream !== stream) return;
    this.#stream = null;
    this.#outbox.clear();
    if (this.#clock.monotonicMs() - this.#openedAtMs > wellAfterMs) this.#backOff.reset();
    this.#logger.info({ path: this.#path }, 'line hung up');
    this.#detach();
    this.#cable?.doubt();
    this.#retry(null);
  }

  #retry(problem: Error | null): void {
    if (this.#closed) return;
    if (problem && problem.message !== this.#lastProblem) {
      this.#lastProblem = problem.message;
      this.#logger.warn(
        { path: this.#path, err: problem },
        'the line cannot be opened, it is tried on and on',
      );
    }
    this.#cancelRetry = this.#clock.after(this.#backOff.next(), () => this.#open());
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
