import { z } from 'zod';
import { endpoint } from '../endpoint.ts';

/** No box is that old, and none runs so long. */
const earliestMs = Date.UTC(2024, 0, 1);
const latestMs = Date.UTC(2100, 0, 1);

/** `PUT /api/v1/clock` */
export const clockRequest = z.strictObject({
  /** Since the epoch. */
  unixMilliseconds: z.number().int().min(earliestMs).max(latestMs),
  /** IANA: "Europe/Berlin" */
  timeZone: z.string().max(64).optional(),
});

/** What of it the box took. */
export const clockTaken = z.object({ time: z.boolean(), timeZone: z.boolean() });

export const tellClock = endpoint({
  method: 'PUT',
  path: '/api/v1/clock',
  who: 'operator',
  body: clockRequest,
  answers: { 200: clockTaken },
  summary: 'What time it is where the operator is',
  description:
    'A board without a clock of its own and without a network does not know. The box takes what it does not know itself: the time until a network or somebody has told it, and on a card the zone, as `device.timeZone`, while nobody has set one. The studio tells it.',
  tag: 'box',
});
