import { z } from 'zod';
import { endpoint } from '../endpoint.ts';

const tag = 'watching';

/** Ways by which somebody watches: `page` has the page open and gets no pictures just now. */
export const viewerWay = z.enum(['webrtc', 'hls', 'rtsp', 'page']);

export const viewerEntry = z.object({
  id: z.string(),
  way: viewerWay,
  /** Where it watches from; null for the box's own and for viewers of hubs. */
  address: z.string().nullable(),
  since: z.string(),
  /** From the camera to its screen, as its page said within the last 30 s. */
  delayMs: z.number().int().nullable(),
  /** WebRTC: what its link takes. */
  estimateKbps: z.number().int().nullable(),
  /** WebRTC: the bitrate is what this viewer's link takes. */
  holdsTarget: z.boolean(),
  /** WebRTC: its link can't take even the floor. */
  keyFramesOnly: z.boolean(),
});
export type ViewerEntry = z.infer<typeof viewerEntry>;

export const viewerList = z.object({ viewers: z.array(viewerEntry) });

export const listViewers = endpoint({
  method: 'GET',
  path: '/api/v1/viewers',
  who: 'operator',
  answers: { 200: viewerList },
  summary: 'Who watches, by which way and how late, worst first',
  tag,
});

export const kickViewer = endpoint({
  method: 'DELETE',
  path: '/api/v1/viewers/:id',
  who: 'operator',
  answers: { 204: { description: 'It watches no more, until this broadcast is over' } },
  errors: ['not-found'],
  summary: 'Ends all that a viewer watches, for the rest of this broadcast',
  description:
    'Also for its address, unless others watch from there or it is the box itself. Every way in answers 403 (LANCast: `ROOM_FULL`) until the broadcast is over; the page says so.',
  tag,
});
