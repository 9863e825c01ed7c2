import type { Problem } from '#core/domain/problem.ts';
import type { TelemetryReading } from '#core/domain/telemetry.ts';

/** Less than this much free, or than this part of it, and settings may not fit any more. */
const fullBytes = 8 * 1024 * 1024;
const fullRatio = 0.02;

/** That the card has no room left; null while it has, or where that is not known. */
export function cardProblem(disk: TelemetryReading['disk']): Problem | null {
  if (disk === null || disk.totalBytes === 0) return null;
  if (disk.availableBytes >= Math.min(fullBytes, disk.totalBytes * fullRatio)) return null;
  return {
    code: 'card-full',
    message: 'The card is full: settings and logs cannot be stored. Broadcasts go on.',
    action: 'Delete what is not needed, or use a larger card.',
  };
}
