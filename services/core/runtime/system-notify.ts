import { spawn } from 'node:child_process';

/** What a service manager may be told (sd_notify(3)). */
export type Notification = 'READY=1' | 'STOPPING=1' | 'WATCHDOG=1' | `STATUS=${string}`;

/**
 * Tells systemd (where NOTIFY_SOCKET says it listens), else does nothing.
 * Node has no Unix datagram sockets, so systemd's own small program sends the message.
 */
export function notifySystem(notification: Notification, environment = process.env): void {
  if (!environment.NOTIFY_SOCKET) return;
  const child = spawn('systemd-notify', [notification], { stdio: 'ignore' });
  child.on('error', () => {}); // systemd-notify is absent: then nobody is listening for it either
  child.unref();
}

/** Half of the interval systemd asks for in WATCHDOG_USEC, in milliseconds; null where no watchdog is set. */
export function watchdogIntervalMs(environment = process.env): number | null {
  const microseconds = Number(environment.WATCHDOG_USEC);
  return Number.isFinite(microseconds) && microseconds > 0 ? microseconds / 2000 : null;
}
