import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock } from '#core/domain/clock.ts';
import { busTimescale } from '#core/protocol/media-bus.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { signalChild } from '#core/runtime/signal-child.ts';

interface Shot {
  jpeg: Buffer;
  capturedTicks: number;
}

/** For so long a picture is the newest one for all who ask. */
const maxAgeTicks = busTimescale;
/** The process stays for who asks again and again, and goes when nobody does. */
const idleMs = 10_000;
const answerWithinMs = 5_000;
const maxJpegBytes = 4 * 1024 * 1024;

/** The newest picture as JPEG: decoded once for all who ask within a second, by a process that is there while they do. */
export class Snapshot {
  readonly #options: { mediaSocket: string; clock: Clock; logger: Logger };
  readonly #shots = new Map<number, Shot>();
  readonly #waiting: { width: number; settle: (shot: Shot | null) => void }[] = [];
  readonly #underWay = new Map<number, Promise<Shot | null>>();
  #process: ChildProcess | null = null;
  #received = Buffer.alloc(0);
  #cancelIdle: () => void = () => {};

  constructor(options: { mediaSocket: string; clock: Clock; logger: Logger }) {
    this.#options = options;
  }

  /** @param width 0 is the picture's own. @returns null where there is none */
  async take(width: number): Promise<Shot | null> {
    const known = this.#shots.get(width);
    const nowTicks = (this.#options.clock.monotonicMs() * busTimescale) / 1_000;
    if (known && nowTicks - known.capturedTicks < maxAgeTicks) return known;
    const underWay = this.#underWay.get(width) ?? this.#ask(width);
    this.#underWay.set(width, underWay);
    const shot = await underWay;
    this.#underWay.delete(width);
    if (shot) this.#shots.set(width, shot);
    else this.#shots.delete(width);
    return shot;
  }

  close(): void {
    this.#cancelIdle();
    const child = this.#process;
    this.#process = null;
    this.#received = Buffer.alloc(0);
    this.#shots.clear();
    if (child) signalChild(child, 'SIGKILL');
    for (const { settle } of this.#waiting.splice(0)) settle(null);
  }

  #ask(width: number): Promise<Shot | null> {
    const { clock } = this.#options;
    const child = this.#process ?? this.#start();
    this.#cancelIdle();
    this.#cancelIdle = clock.after(idleMs, () => this.close());
    return new Promise((resolve) => {
      // It answers in turn: one that is stuck is of no use for the next either.
      const cancel = clock.after(answerWithinMs, () => this.close());
      this.#waiting.push({
        width,
        settle: (shot) => {
          cancel();
          resolve(shot);
        },
      });
      child.stdin?.write(`shot ${width}\n`);
    });
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
    child.stdin.write(`bus ${mediaSocket}\nstart\n`);
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
      this.#waiting.shift()?.settle(length > 0 ? { jpeg, capturedTicks: Number(ticks) } : null);
    }
  }
}
