import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { EventHub } from '#core/domain/event-hub.ts';
import { onLines } from '#core/runtime/lines.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { signalChild } from '#core/runtime/signal-child.ts';
import type { SenderFailure } from './failure.ts';

export interface SenderStats {
  bytesSent: number;
  /** How much of the stream waits to be sent. */
  behindMs: number;
  droppedFrames: number;
}

export type SenderEvents = {
  /** The destination takes what is sent. */
  connected: undefined;
  /** Every second from then on. */
  stats: SenderStats;
  /** It is over, and the process with it. */
  failed: SenderFailure;
};

/** One attempt to send to one destination. */
export interface Sender {
  readonly events: EventHub<SenderEvents>;
  start(): void;
  /** Ends the stream in order where there is one; never fails. */
  close(): void;
}

/** A stream's last words take so long at most. */
const killAfterMs = 1_500;
const maxMessageLength = 500;

const died = (how: string): SenderFailure => ({
  stage: 'connect',
  afterMs: 0,
  domain: 'process',
  code: 0,
  message: how,
  details: '',
});

/** The process of one attempt: its settings go in by standard input, since keys have no place in an argument list. */
export class SenderProcess implements Sender {
  readonly events = new EventHub<SenderEvents>();
  readonly #options: { program: string; settings: Readonly<Record<string, string | null>>; logger: Logger };
  #process: ChildProcess | null = null;
  #connected = false;
  #over = false;

  /**
   * @param options.program a file beside the bundle: a native program, or a bundle (`.js`)
   * @param options.settings lines `NAME VALUE`; what is null is left out
   */
  constructor(options: {
    program: string;
    settings: Readonly<Record<string, string | null>>;
    logger: Logger;
  }) {
    this.#options = options;
  }

  start(): void {
    const { program, settings } = this.#options;
    const path = fileURLToPath(new URL(program, import.meta.url));
    const [command, args] = program.endsWith('.js')
      ? [process.execPath, [...process.execArgv, path]]
      : [path, []];
    // The system's proxy settings are not the box's; unknown plug-ins need not be scanned at each start.
    const env = { ...process.env, GIO_USE_PROXY_RESOLVER: 'dummy', LC_ALL: 'C.UTF-8' };
    const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
    this.#process = child;
    child.on('error', (error) => this.#end(died(error.message)));
    child.on('exit', (code, signal) => this.#end(died(signal ?? `exit code ${code}`)));
    if (child.stdout) onLines(child.stdout, (line) => this.#receive(line.split('\t')));
    if (child.stderr) {
      onLines(child.stderr, (line) =>
        this.#options.logger.debug({ line: line.slice(0, 300) }, 'a sender wrote'),
      );
    }
    child.stdin?.on('error', () => {}); // it ended: 'exit' says so
    const lines = Object.entries(settings).flatMap(([name, value]) =>
      value === null ? [] : [`${name} ${value}\n`],
    );
    child.stdin?.write(`${lines.join('')}start\n`);
  }

  close(): void {
    if (this.#over) return;
    this.#over = true;
    this.events.close();
    const child = this.#process;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    if (!this.#connected) signalChild(child, 'SIGKILL');
    child.stdin?.end();
    const timer = setTimeout(() => signalChild(child, 'SIGKILL'), killAfterMs);
    child.once('exit', () => clearTimeout(timer));
  }

  #receive([word, ...fields]: string[]): void {
    if (this.#over) return;
    if (word === 'connected') {
      this.#connected = true;
      this.events.emit('connected');
    } else if (word === 'stats') {
      const [bytesSent = 0, behindMs = 0, droppedFrames = 0] = fields.map(Number);
      this.events.emit('stats', { bytesSent, behindMs, droppedFrames });
    } else if (word === 'failed') {
      const [stage, afterMs, domain = '', code, message = '', details = ''] = fields;
      this.#end({
        stage: stage === 'stream' ? 'stream' : 'connect',
        afterMs: Number(afterMs),
        domain,
        code: Number(code),
        message: message.slice(0, maxMessageLength),
        details: details.slice(0, maxMessageLength),
      });
    }
  }

  #end(failure: SenderFailure): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#process) signalChild(this.#process, 'SIGKILL');
    this.events.emit('failed', this.#connected ? { ...failure, stage: 'stream' } : failure);
  }
}
