import { spawn } from 'node:child_process';
import type { SystemAddon } from './system-addon.ts';

/** What a service manager may be told (sd_notify(3)). */
export type Notification = 'READY=1' | 'STOPPING=1' | 'WATCHDOG=1' | `STATUS=${string}`;

/** What of its environment is systemd's word to this process alone, not to its children. */
const ownVariables = ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID'];

/** Tells systemd how this daemon is, where NOTIFY_SOCKET says that it listens; else does nothing. */
export class SystemNotify {
  readonly #socketPath: string | undefined;
  readonly #addon: SystemAddon | null;
  /** How often systemd wants to hear of us: half of WATCHDOG_USEC; null where no watchdog is set. */
  readonly watchdogIntervalMs: number | null;

  /**
   * @param environment systemd's words to this process are taken out of it: a child must not speak for us
   * @param addon sends the message; without it systemd's own small program does, which the unit must allow
   *   (NotifyAccess=all)
   */
  constructor(environment: NodeJS.ProcessEnv, addon: SystemAddon | null) {
    this.#socketPath = environment.NOTIFY_SOCKET || undefined;
    this.#addon = addon;
    this.watchdogIntervalMs = watchdogIntervalMs(environment);
    for (const name of ownVariables) delete environment[name];
  }

  tell(notification: Notification): void {
    if (this.#socketPath === undefined) return;
    if (this.#addon) sendDirectly(this.#addon, this.#socketPath, notification);
    else sendByChild(this.#socketPath, notification);
  }
}

function sendDirectly(addon: SystemAddon, socketPath: string, notification: Notification): void {
  try {
    addon.notify(socketPath, notification);
  } catch {
    // systemd does not listen (any more): it would say so itself
  }
}

function sendByChild(socketPath: string, notification: Notification): void {
  const child = spawn('systemd-notify', [notification], {
    stdio: 'ignore',
    env: { PATH: process.env.PATH, NOTIFY_SOCKET: socketPath },
  });
  child.on('error', () => {}); // systemd-notify is absent: then nobody is listening for it either
  child.unref();
}

function watchdogIntervalMs({ WATCHDOG_USEC }: NodeJS.ProcessEnv): number | null {
  const microseconds = Number(WATCHDOG_USEC);
  return Number.isFinite(microseconds) && microseconds > 0 ? microseconds / 2000 : null;
}
