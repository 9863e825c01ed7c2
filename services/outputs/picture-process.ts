import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock } from '#core/domain/clock.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { signalChild } from '#core/runtime/signal-child.ts';

export interface Picture {
  jpeg: Buffer;
  /** Of a shot: when it was captured, in ticks of the media bus. */
  capturedTicks: number;
}

/** The process stays for who asks again and again, and goes when nobody does. */
const idleMs = 10_000;
/** A key frame has to come and be decoded, on a small board or a busy machine. */
const answerWithinMs = 20_000;
/** Of the first answer: until then the program and GStreamer are loaded, too. */
const firstAnswerWithinMs = 60_000;
const maxJpegBytes = 4 * 1024 * 1024;

/** The program that makes single pictures (native/snapshot.c), there while somebody asks. It answers in turn. */
export class PictureProcess {
  readonly #options: { mediaSocket: string | null; clock: Clock; logger: Logger };
  readonly #waiting: ((picture: Picture | null) => void)[] = [];
  #process: ChildProcess | null = null;
  /** This process has answered once: its code is loaded. */
  #isLoaded = false;
  #received = Buffer.alloc(0);
  #cancelIdle: () => void = () => {};

  /** @param options.mediaSocket where the broadcast's pictures are; null for those in files alone */
  constructor(options: { mediaSocket: string | null; clock: Clock; logger: Logger }) {
    this.#options = options;
  }

  /** So many wait for an answer. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** @param line as native/snapshot.c takes it. @returns null where there is no such picture */
  ask(line: string): Promise<Picture | null> {
    const { clock } = this.#options;
    const child = this.#process ?? this.#start();
    this.#cancelIdle();
    return new Promise((resolve) => {
      // One that is stuck is of no use for the next either.
      const withinMs = this.#isLoaded ? answerWithinMs : firstAnswerWithinMs;
      const cancel = clock.after(withinMs, () => this.close());
      this.#waiting.push((picture) => {
        cancel();
        this.#cancelIdle();
        if (this.#waiting.length === 0) this.#cancelIdle = clock.after(idleMs, () => this.close());
        resolve(picture);
      });
      child.stdin?.write(`${line}\n`);
    });
  }

  close(): void {
    const child = this.#process;
    this.#process = null;
    this.#isLoaded = false;
    this.#received = Buffer.alloc(0);
    if (child) signalChild(child, 'SIGKILL');
    for (const settle of this.#waiting.splice(0)) settle(null);
    this.#cancelIdle();
  }

  #start(): ChildProcess {
    const { mediaSocket, logger } = this.#options;
    const program = fileURLToPath(new URL('./outputs-snapshot', import.meta.url));
    const child = spawn(program, { stdio: ['pipe', 'pipe', 'ignore'] });
    this.#process = child;
    const over = (how: string): void => {
      if (this.#process !== child) return;
      logger.warn({ how }, 'the snapshot process ended');
      this.close();
    };
    child.on('error', (error) => over(error.message));
    child.on('exit', (code, signal) => over(signal ?? `exit code ${code}`));
    child.stdin.on('error', () => {}); // it ended: 'exit' says so
    child.stdout.on('data', (chunk: Buffer) => {
      if (this.#process === child) this.#receive(chunk);
    });
    child.stdin.write(`${mediaSocket === null ? '' : `bus ${mediaSocket}\n`}start\n`);
    return child;
  }

  #receive(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (;;) {
      const end = this.#received.indexOf('\n');
      if (end < 0) return;
      const [word, ticks, bytes] = this.#received.toString('latin1', 0, end).split(' ');
      const length = word === 'jpeg' ? Number(bytes) : 0;
      if (!(length >= 0 && length <= maxJpegBytes)) {
        this.close();
        return;
      }
      if (this.#received.length < end + 1 + length) return;
      const jpeg = Buffer.from(this.#received.subarray(end + 1, end + 1 + length));
      this.#received = this.#received.subarray(end + 1 + length);
      this.#isLoaded = true;
      this.#waiting.shift()?.(length > 0 ? { jpeg, capturedTicks: Number(ticks) } : null);
    }
  }
}
