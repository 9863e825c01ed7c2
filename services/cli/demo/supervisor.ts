import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { BackOff } from '#core/runtime/back-off.ts';
import { onLines } from '#core/runtime/lines.ts';
import { signalChild } from '#core/runtime/signal-child.ts';
import { daemonStart } from './daemon-start.ts';
import { LogFile } from './log-file.ts';

/** A daemon that ran this long was well: its next fall is a new one. */
const wellAfterMs = 10_000;
/** After SIGTERM; daemons need less than 1.8 s by their own promise. */
const killAfterMs = 1_900;

interface Daemon {
  name: string;
  child: ChildProcess | null;
  backOff: BackOff;
  retry: NodeJS.Timeout | null;
}

interface SupervisorOptions {
  /** Folder of the bundles. */
  bundles: string;
  names: readonly string[];
  /** Asked at each start of a daemon. */
  environment: () => NodeJS.ProcessEnv;
  logDirectory: string;
  onLog: (line: string) => void;
  /** A daemon's log takes nothing any more; said once for as long as that lasts. */
  onLogDropped: (name: string, why: string) => void;
  /** A daemon fell, and is started again. */
  onFallen: (name: string, why: string) => void;
  /** A daemon could not start at all, and says why in plain words. */
  onFailed: (name: string, why: string) => void;
}

/** Does in the demo what systemd does on the box: starts the daemons, starts again what falls, ends them all. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #daemons: Daemon[];
  #closing: Promise<void> | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#daemons = options.names.map((name) => ({
      name,
      child: null,
      backOff: new BackOff({ firstMs: 50, maxMs: 5_000 }),
      retry: null,
    }));
  }

  start(): void {
    for (const daemon of this.#daemons) this.#spawn(daemon);
  }

  /** SIGTERM to all, SIGKILL to who does not go. */
  close(): Promise<void> {
    this.#closing ??= this.#endAll();
    return this.#closing;
  }

  #spawn(daemon: Daemon): void {
    const { bundles, environment, logDirectory, onLog, onFailed } = this.#options;
    const start = daemonStart(bundles);
    const startedAtMs = Date.now();
    const child = spawn(process.execPath, [...start.flags, join(bundles, `${daemon.name}.js`)], {
      env: { ...start.environment, ...environment() },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    daemon.child = child;
    daemon.retry = null;
    const log = this.#logOf(daemon, join(logDirectory, `${daemon.name}.log`));
    for (const output of [child.stdout, child.stderr]) {
      onLines(output, (line) => {
        log.write(line);
        onLog(line);
      });
    }
    child.on('error', (error) => {
      log.close();
      this.#fell(daemon, child, startedAtMs, error.message); // it could not be started at all
    });
    child.on('message', (message: { failed?: string }) => {
      if (typeof message.failed === 'string') onFailed(daemon.name, message.failed);
    });
    child.on('exit', (code, signal) => {
      log.close();
      this.#fell(daemon, child, startedAtMs, signal ?? `exit code ${code}`);
    });
  }

  #logOf(daemon: Daemon, path: string): LogFile {
    const onDropped = (problem: string): void => this.#options.onLogDropped(daemon.name, problem);
    return new LogFile({ path, onDropped });
  }

  #fell(daemon: Daemon, child: ChildProcess, startedAtMs: number, why: string): void {
    if (daemon.child !== child) return;
    daemon.child = null;
    if (this.#closing) return;
    if (Date.now() - startedAtMs > wellAfterMs) daemon.backOff.reset();
    this.#options.onFallen(daemon.name, why);
    daemon.retry = setTimeout(() => this.#spawn(daemon), daemon.backOff.next());
  }

  async #endAll(): Promise<void> {
    await Promise.all(
      this.#daemons.map(async ({ child, retry }) => {
        if (retry) clearTimeout(retry);
        if (!child || child.exitCode !== null || child.signalCode !== null) return;
        const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
        signalChild(child, 'SIGTERM');
        const timer = setTimeout(() => signalChild(child, 'SIGKILL'), killAfterMs);
        await gone;
        clearTimeout(timer);
      }),
    );
  }
}
