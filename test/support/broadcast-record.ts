import { Broadcast, type DesiredBroadcast } from '#control/domain/broadcast.ts';
import type { Problem } from '#core/domain/problem.ts';
import { DrivenClock } from './driven-clock.ts';

export const reasonOf = (code: string, message = 'Something is wrong.'): Problem => ({
  code,
  message,
  action: 'Fix it.',
});

/** A broadcast on driven time, and all that it said, in order. */
export function recordedBroadcast() {
  const clock = new DrivenClock();
  const broadcast = new Broadcast({ clock });
  const said: string[] = [];
  const desired: DesiredBroadcast[] = [];
  broadcast.events.on('broadcastChanged', ({ previous, current }) => {
    said.push(`${previous.state} > ${current.state}${current.reason ? ` (${current.reason.code})` : ''}`);
  });
  broadcast.events.on('broadcastStarted', ({ startTime }) => said.push(`started ${startTime}`));
  broadcast.events.on('broadcastInterrupted', ({ reason }) => said.push(`interrupted ${reason.code}`));
  broadcast.events.on('broadcastResumed', ({ startTime }) => said.push(`resumed ${startTime}`));
  broadcast.events.on('broadcastEnded', ({ durationSeconds, reason }) => {
    said.push(`ended after ${durationSeconds} s: ${reason}`);
  });
  broadcast.events.on('broadcastMissed', ({ durationSeconds, reason }) => {
    said.push(`missed after ${durationSeconds} s: ${reason}`);
  });
  broadcast.events.on('broadcastReturned', ({ startTime }) => said.push(`returned ${startTime}`));
  broadcast.events.on('desiredChanged', (value) => desired.push(value));
  /** What was said since the last call. */
  const hear = (): string[] => said.splice(0);
  /** Media is here, with nothing to do. */
  const mediaIdle = (): void => broadcast.reportPipeline({ state: 'idle', reason: null });
  /** Pictures come ten times a second for so long. */
  const play = (durationMs: number): void => {
    for (let playedMs = 0; playedMs < durationMs; playedMs += 100) {
      broadcast.seePicture();
      clock.advance(100);
    }
  };
  const goLive = (): string => {
    mediaIdle();
    broadcast.start();
    broadcast.reportPipeline({ state: 'running', reason: null });
    broadcast.seePicture();
    const { startTime } = broadcast.snapshot;
    if (startTime === null) throw new Error('not live');
    hear();
    return startTime;
  };
  return { broadcast, clock, desired, hear, mediaIdle, play, goLive };
}
