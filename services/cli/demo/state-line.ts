import type { LightState } from '#core/hardware/light/light.ts';
import type { StatusBody } from '#core/protocol/endpoints/box.ts';
import { wordsFor } from './pattern-words.ts';

/** One line for a change of state: "12:00:01  live      1280x720, 30 fps". */
export function stateLine(status: StatusBody, now: Date): string {
  const { broadcast, stream, audience } = status;
  const viewers = `${audience.viewers} ${audience.viewers === 1 ? 'viewer' : 'viewers'}`;
  const details: Record<StatusBody['broadcast']['state'], string> = {
    offline: `ready, ${viewers}`,
    starting: broadcast.reason?.message ?? 'waiting for the first picture',
    live: [
      `${stream.width}x${stream.height}, ${stream.framesPerSecond} fps, ${viewers}`,
      broadcast.reason?.message,
    ]
      .filter(Boolean)
      .join('; but: '),
    retrying: broadcast.reason?.message ?? 'pictures are missing',
    stopping: 'ending the broadcast',
    failed: `${broadcast.reason?.message ?? ''} ${broadcast.reason?.action ?? ''}`.trim(),
  };
  return `${time(now)}  ${broadcast.state.padEnd(9)} ${details[broadcast.state]}`;
}

/** One line for a change of the lights. */
export function lightLine({ red, green }: LightState, now: Date): string {
  return `${time(now)}  lights    red ${wordsFor(red)}, green ${wordsFor(green)}`;
}

/** "12:00:01" */
export function time(now: Date): string {
  return now.toTimeString().slice(0, 8);
}
