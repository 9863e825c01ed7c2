import { environmentFrom } from './environment.ts';
import { createLogger, type Logger } from './logger.ts';
import { trimMemoryLater } from './memory-trim.ts';
import { loadSystemAddon } from './system-addon.ts';
import { SystemNotify } from './system-notify.ts';

/** Whatever a daemon owns. `close` may be called twice and always ends. */
export interface Closable {
  close(): Promise<void> | void;
}

/** What a daemon is built with. */
export interface DaemonContext {
  logger: Logger;
  /** Closes the part when the daemon stops, the newest first. @returns the part */
  own: <Part extends Closable>(part: Part) => Part;
  /** Called where an error that nobody caught ends the daemon, before anything is closed. */
  onFall: (listener: () => void) => void;
}

/** The whole stop, from signal to exit; systemd and the demo send SIGKILL only after 2 s. */
const stopDeadlineMs = 1_800;

/**
 * The life of a daemon: build and start what `build` returns, say so to systemd, wait for SIGTERM or
 * SIGINT, close in reverse order, exit. An error nobody caught ends the process with 1: state lives
 * in control, so starting afresh is the safest repair.
 * @param name the daemon's name in its log lines
 * @param build starts everything and pushes each part that must be closed as soon as it exists
 */
export async function runDaemon(
  name: string,
  build: (context: DaemonContext) => Promise<void>,
): Promise<void> {
  process.title = `onair-${name}`;
  const environment = environmentFrom(process.env);
  const logger = createLogger(name, environment.logLevel);
  const addon = loadSystemAddon();
  const system = new SystemNotify(process.env, addon);
  const parts: Closable[] = [];
  let noteFall: () => void = () => {};
  let stopping = false;

  const stop = async (exitCode: number): Promise<void> => {
    if (stopping) return;
    stopping = true;
    system.tell('STOPPING=1');
    setTimeout(() => process.exit(exitCode), stopDeadlineMs).unref();
    for (const part of parts.reverse()) {
      try {
        await part.close();
      } catch (error) {
        logger.error({ err: error }, 'a part did not close cleanly');
      }
    }
    logger.info('stopped');
    process.exit(exitCode);
  };

  process.on('SIGTERM', () => void stop(0));
  process.on('SIGINT', () => void stop(0));
  // A daemon of `onair demo` must not outlive it, not even one that had died before we got here.
  process.on('disconnect', () => void stop(0));
  if (environment.isSupervised && !process.connected) process.exit(0);
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'unexpected error, this daemon restarts');
    if (!stopping) noteFall();
    void stop(1);
  });
  process.on('unhandledRejection', (error) => {
    logger.fatal({ err: error }, 'unexpected rejection, this daemon restarts');
    if (!stopping) noteFall();
    void stop(1);
  });

  try {
    const onFall = (listener: () => void): void => {
      noteFall = listener;
    };
    const own = <Part extends Closable>(part: Part): Part => {
      parts.push(part);
      return part;
    };
    await build({ logger, own, onFall });
  } catch (error) {
    logger.fatal({ err: error }, 'could not start');
    if (!stopping) noteFall();
    process.send?.({ failed: describe(error) });
    await stop(1);
    return;
  }
  system.tell('READY=1');
  process.send?.({ ready: true });
  // From the event loop, so that one that hangs is missed.
  if (system.watchdogIntervalMs !== null)
    setInterval(() => system.tell('WATCHDOG=1'), system.watchdogIntervalMs).unref();
  // The demo's supervisor listens in the same way.
  if (process.send && environment.watchdogMs !== null)
    setInterval(
      () => process.connected && process.send?.({ alive: true }),
      environment.watchdogMs / 3,
    ).unref();
  trimMemoryLater(addon);
  logger.info('ready');
}

/** For the supervisor of this daemon: what is wrong, and what to do where the error knows. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'action' in error && typeof error.action === 'string'
    ? `${error.message} ${error.action}`
    : error.message;
}
