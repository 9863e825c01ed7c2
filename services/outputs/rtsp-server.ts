import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Clock } from '#core/domain/clock.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { FromOutputs, ToOutputs } from '#core/protocol/link/outputs.ts';
import { onLines } from '#core/runtime/lines.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { signalChild } from '#core/runtime/signal-child.ts';

export type RtspSettings = Extract<ToOutputs, { type: 'outputs_rtsp' }>['payload']['rtsp'];
export type RtspReport = Extract<FromOutputs, { type: 'outputs_rtsp_report' }>['payload'];
type PinTry = Extract<FromOutputs, { type: 'outputs_pin_try' }>['payload'];

const restartAfterMs = 2_000;

const notListening = (port: number, how: string): Problem => ({
  code: 'rtsp-unavailable',
  message: `RTSP can't be offered at port ${port}: ${how}.`,
  action: 'Set rtsp.port to a free one, or rtsp.enabled to false. It is tried again by itself.',
});

interface RtspServerOptions {
  mediaSocket: string;
  onReport: (report: RtspReport) => void;
  /** Is answered by `answerPin`. */
  onPinTry: (attempt: PinTry) => void;
  onPinWrong: (address: string) => void;
  clock: Clock;
  logger: Logger;
}

/** The RTSP server's process: started and restarted as the settings ask, and asked who watches. */
export class RtspServer {
  readonly #options: RtspServerOptions;
  #settings: RtspSettings = null;
  #process: ChildProcess | null = null;
  #cancelRestart: () => void = () => {};
  readonly #viewers = new Map<string, string>();
  #port: number | null = null;
  #reason: Problem | null = null;
  #runs = 0;

  constructor(options: RtspServerOptions) {
    this.#options = options;
  }

  get report(): RtspReport {
    const viewers = [...this.#viewers].map(([id, address]) => ({ id, address }));
    return { port: this.#port, reason: this.#reason, viewers };
  }

  /** A changed port or PIN ends all who watch: they come back with the new one. */
  configure(settings: RtspSettings): void {
    const before = this.#settings;
    this.#settings = settings;
    const same = before?.port === settings?.port && before?.pin === settings?.pin;
    if (same && before !== null && settings !== null) {
      if (before.freePlaces !== settings.freePlaces) this.#write(`free ${settings.freePlaces}\n`);
      return;
    }
    this.#stop();
    this.#reason = null;
    if (settings !== null) this.#start();
    this.#tell();
  }

  /** The broadcast is over: who watches is ended, and who comes is answered 404. Beginning, it finds out by the media bus. */
  follow(live: boolean): void {
    if (!live) this.#write('off\n');
  }

  /** Whether a PIN may be tried. @param id of `onPinTry` */
  answerPin(id: string, allowed: boolean): void {
    const [run, number] = id.split('-');
    if (Number(run) === this.#runs) this.#write(`pin ${number} ${allowed ? 'yes' : 'no'}\n`);
  }

  /** Ends one who watches. @param id of the report */
  end(id: string): void {
    const [run, number] = id.split('-');
    if (Number(run) === this.#runs) this.#write(`end ${number}\n`);
  }

  close(): void {
    this.#settings = null;
    this.#stop();
  }

  #start(): void {
    if (this.#settings === null) return;
    const { port, pin, freePlaces } = this.#settings;
    const { mediaSocket, logger } = this.#options;
    const program = fileURLToPath(new URL('./outputs-rtsp', import.meta.url));
    const child = spawn(program, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C.UTF-8' },
    });
    this.#process = child;
    this.#runs += 1;
    child.on('error', (error) => this.#over(child, error.message));
    child.on('exit', (code, signal) => this.#over(child, signal ?? `exit code ${code}`));
    onLines(child.stdout, (line) => {
      if (this.#process === child) this.#receive(line.split('\t'));
    });
    onLines(child.stderr, (line) => logger.debug({ line: line.slice(0, 300) }, 'the RTSP server wrote'));
    child.stdin.on('error', () => {}); // it ended: 'exit' says so
    const lines = [`bus ${mediaSocket}`, `port ${port}`, `free ${freePlaces}`];
    if (pin !== null) lines.push(`pin ${pin}`);
    child.stdin.write(`${[...lines, 'start'].join('\n')}\n`);
  }

  #stop(): void {
    this.#cancelRestart();
    const child = this.#process;
    this.#process = null;
    this.#port = null;
    this.#viewers.clear();
    if (child) signalChild(child, 'SIGKILL'); // nothing in it is to be kept
  }

  #receive([word, ...fields]: string[]): void {
    const [first = '', second = ''] = fields;
    if (word === 'pin') {
      this.#options.onPinTry({ id: `${this.#runs}-${first}`, address: second });
      return;
    }
    if (word === 'wrong') {
      this.#options.onPinWrong(first);
      return;
    }
    if (word === 'listening') {
      this.#port = Number(first);
      this.#reason = null;
      this.#options.logger.info({ port: this.#port }, 'RTSP is offered');
    } else if (word === 'client') this.#viewers.set(`${this.#runs}-${first}`, second);
    else if (word === 'gone') this.#viewers.delete(`${this.#runs}-${first}`);
    else if (word === 'failed') this.#reason = notListening(this.#settings?.port ?? 0, first);
    this.#tell();
  }

  #over(child: ChildProcess, how: string): void {
    if (this.#process !== child) return;
    const { logger, clock } = this.#options;
    if (this.#reason === null) {
      logger.warn({ how }, 'the RTSP server ended, and is started again');
      this.#reason = notListening(this.#settings?.port ?? 0, how);
    }
    this.#stop();
    this.#cancelRestart = clock.after(restartAfterMs, () => this.#start());
    this.#tell();
  }

  #write(text: string): void {
    this.#process?.stdin?.write(text);
  }

  #tell(): void {
    this.#options.onReport(this.report);
  }
}
