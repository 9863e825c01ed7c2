import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { BackOff, wellAfterMs } from '#core/runtime/back-off.ts';
import { onLines } from '#core/runtime/lines.ts';
import { signalChild } from '#core/runtime/signal-child.ts';
import { daemonStart } from './daemon-start.ts';
import { LogFile } from './log-file.ts';

/** After SIGTERM; daemons need less than 1.8 s by their own promise. */
const killAfterMs = 1_900;

/** A daemon that says nothing for so long hangs: WatchdogSec= of the units. */
const watchdogMs: Record<string, number> = { egress: 3_000, panel: 5_000 };
const defaultWatchdogMs = 15_000;
const lookEveryMs = 500;

interface Daemon {
  name: string;
  /** When it said last that it lives; null before it is ready. */
  aliveAtMs: number | null;
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
  /** @param why null where it ended in order: for settings that it only takes at its start, say */
  onFallen: (name: string, why: string | null) => void;
  /** A daemon could not start at all, and says why in plain words. */
  onFailed: (name: string, why: string) => void;
}

/** Does in the demo what systemd does on the box: starts the daemons, starts again what falls, ends them all. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #daemons: Daemon[];
  #watch: NodeJS.Timeout | null = null;
  #lookedAtMs = 0;
  #closing: Promise<void> | null = null;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#daemons = options.names.map((name) => ({
      name,
      aliveAtMs: null,
      child: null,
      backOff: new BackOff({ firstMs: 50, maxMs: 5_000 }),
      retry: null,
    }));
  }

  start(): void {
    for (const daemon of this.#daemons) this.#spawn(daemon);
    this.#lookedAtMs = performance.now();
    this.#watch = setInterval(() => this.#look(), lookEveryMs);
  }

  /** SIGTERM to all, SIGKILL to who does not go. */
  close(): Promise<void> {
    if (this.#watch) clearInterval(this.#watch);
    this.#closing ??= this.#endAll();
    return this.#closing;
  }

  #spawn(daemon: Daemon): void {
    const { bundles, environment, logDirectory, onLog, onFailed } = this.#options;
    const start = daemonStart(bundles);
    const startedAtMs = Date.now();
    const child = spawn(process.execPath, [...start.flags, join(bundles, `${daemon.name}.js`)], {
      env: { ...start.environment, ...environment(), ONAIR_WATCHDOG_MS: String(watchdogOf(daemon.name)) },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    daemon.child = child;
    daemon.retry = null;
    daemon.aliveAtMs = null;
    const log = this.#logOf(daemon, join(logDirectory, `${daemon.name}.log`));
    for (const output of [child.stdout, child.stderr]) {
      onLines(
        output,
        (line) => {
          log.write(line);
          onLog(line);
        },
        { unfinished: 'take' },
      );
    }
    child.on('error', (error) => {
      log.close();
      this.#fell(daemon, child, startedAtMs, error.message); // it could not be started at all
    });
    child.on('message', (message: { failed?: string; ready?: true; alive?: true }) => {
      if (daemon.child === child && (message.ready || message.alive)) daemon.aliveAtMs = performance.now();
      if (typeof message.failed === 'string') onFailed(daemon.name, message.failed);
    });
    child.on('exit', (code, signal) => {
      log.close();
      this.#fell(daemon, child, startedAtMs, signal ?? (code === 0 ? null : `exit code ${code}`));
    });
  }

  #logOf(daemon: Daemon, path: string): LogFile {
    const onDropped = (problem: string): void => this.#options.onLogDropped(daemon.name, problem);
    return new LogFile({ path, onDropped });
  }

  #fell(daemon: Daemon, child: ChildProcess, startedAtMs: number, why: string | null): void {
    if (daemon.child !== child) return;
    daemon.child = null;
    if (this.#closing) return;
    if (Date.now() - startedAtMs > wellAfterMs) daemon.backOff.reset();
    this.#options.onFallen(daemon.name, why);
    daemon.retry = setTimeout(() => this.#spawn(daemon), daemon.backOff.next());
  }

  /** Ends what hangs, so that it is started again. */
  #look(): void {
    const nowMs = performance.now();
    const awayMs = nowMs - this.#lookedAtMs - lookEveryMs;
    this.#lookedAtMs = nowMs;
    for (const { name, child, aliveAtMs } of this.#daemons) {
      // Held up itself (a laptop that slept), the supervisor has not yet read what they said.
      if (child === null || aliveAtMs === null || awayMs > lookEveryMs) continue;
      if (nowMs - aliveAtMs <= watchdogOf(name)) continue;
      this.#options.onLog(`${name} has said nothing for ${watchdogOf(name) / 1_000} s: ending it`);
      signalChild(child, 'SIGKILL');
    }
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

const watchdogOf = (name: string): number => watchdogMs[name] ?? defaultWatchdogMs;
