import { type ChildProcess, fork } from 'node:child_process';
import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Problem } from '#core/domain/problem.ts';
import { BackOff } from '#core/runtime/back-off.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { signalChild } from '#core/runtime/signal-child.ts';
import { type Advertised, advertiserReport } from './mdns-messages.ts';

const wellAfterMs = 60_000;
/** More falls in a row than these are no accident. */
const fallsBeforeProblem = 3;

const cannotAdvertise = (why: string): Problem => ({
  code: 'mdns-failed',
  message: `The page is not advertised in the network: its process ends again and again (${why}).`,
  action: 'Use the address of the box meanwhile, and look into `onair logs`.',
});

interface Deps {
  program: string;
  clock: Clock;
  logger: Logger;
}

/** Keeps the process that advertises: starts it again where it fell, and tells it what to advertise. */
export class MdnsAdvertiser {
  readonly events = new EventHub<{
    registered: { name: string };
    problemChanged: { problem: Problem | null };
  }>();
  readonly #deps: Deps;
  readonly #backOff = new BackOff({ firstMs: 1_000, maxMs: 5 * 60_000 });
  #wanted: Advertised | null = null;
  #told = '';
  #child: ChildProcess | null = null;
  #cancelRetry: (() => void) | null = null;
  #registered: string | null = null;
  #falls = 0;
  #closed = false;

  /** @param deps.program the bundle of mdns-process.ts */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The name that the service has now; null while nobody is told of it. */
  get registered(): string | null {
    return this.#registered;
  }

  /** The process; null while there is none. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** From now on this is advertised; null is nothing. */
  advertise(wanted: Advertised | null): void {
    this.#wanted = wanted;
    if (wanted === null) this.#end();
    else if (this.#child === null) this.#spawn();
    else this.#tell();
  }

  close(): void {
    this.#closed = true;
    this.#end();
  }

  #spawn(): void {
    if (this.#closed || this.#cancelRetry !== null) return;
    const startedAtMs = this.#deps.clock.monotonicMs();
    // Nothing of what it prints matters.
    const child = fork(this.#deps.program, [], { stdio: 'ignore', execArgv: process.execArgv });
    this.#child = child;
    this.#told = '';
    child.on('message', (message) => this.#hear(message));
    child.on('error', (error) => this.#fell(child, startedAtMs, error.message));
    child.on('exit', (code, signal) => this.#fell(child, startedAtMs, signal ?? `exit code ${code}`));
    this.#tell();
  }

  #tell(): void {
    const text = JSON.stringify(this.#wanted);
    if (this.#wanted === null || text === this.#told) return;
    this.#told = text;
    if (this.#child?.connected) this.#child.send(this.#wanted, () => {}); // where it can't be told, it is falling
  }

  #hear(message: unknown): void {
    const parsed = advertiserReport.safeParse(message);
    if (!parsed.success) return;
    if ('lost' in parsed.data) {
      if (this.#registered !== null)
        this.#deps.logger.info({ problem: parsed.data.lost }, 'the page is not advertised any more');
      this.#registered = null;
      return;
    }
    const { known } = parsed.data;
    if (known !== this.#registered) this.#deps.logger.info({ name: known }, 'the page is advertised');
    this.#registered = known;
    if (this.#falls >= fallsBeforeProblem) this.events.emit('problemChanged', { problem: null });
    this.#falls = 0;
    this.events.emit('registered', { name: known });
  }

  #fell(child: ChildProcess, startedAtMs: number, why: string): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.#registered = null;
    if (this.#closed || this.#wanted === null) return;
    if (this.#deps.clock.monotonicMs() - startedAtMs > wellAfterMs) {
      this.#backOff.reset();
      this.#falls = 0;
    }
    this.#deps.logger.warn({ why }, 'the process that advertises fell, starting it again');
    this.#falls += 1;
    if (this.#falls === fallsBeforeProblem)
      this.events.emit('problemChanged', { problem: cannotAdvertise(why) });
    this.#cancelRetry = this.#deps.clock.after(this.#backOff.next(), () => {
      this.#cancelRetry = null;
      if (this.#wanted !== null) this.#spawn();
    });
  }

  /** It has nothing to lose, and may hang in a call to avahi. */
  #end(): void {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    if (this.#child) signalChild(this.#child, 'SIGKILL');
    this.#child = null;
    this.#registered = null;
  }
}
