import type { ChildProcess } from 'node:child_process';

/**
 * `child.kill`, for a child that may not have been started at all: in the same turn of the loop Node then signals number
 * 0 or -1, which is its own group, or every process that it may signal.
 */
export function signalChild(child: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (child.pid !== undefined) child.kill(signal);
}
