import { z } from 'zod';

/** The wire messages of LANCast (lancast.md). The client sends none. */

/** "Status Update": at once, and on every change. */
export const status = z.object({
  type: z.literal('status'),
  data: z.object({
    live: z.boolean(),
    viewerCount: z.number().int().min(0),
    streamInfo: z
      .object({
        /** "1920x1080" */
        resolution: z.string(),
        /** kbit/s */
        bitrate: z.number(),
        /** ISO 8601 */
        startTime: z.string(),
      })
      .optional(),
  }),
});
export type Status = z.infer<typeof status>;

/** "Error": "Sent when connection is rejected", and never else. */
export const error = z.object({
  type: z.literal('error'),
  data: z.object({ code: z.enum(['ROOM_FULL']), message: z.string() }),
});
export type LancastError = z.infer<typeof error>;

export const serverToClient = z.discriminatedUnion('type', [status, error]);
