import { z } from 'zod';

/** An error, on every endpoint (RFC 9457): `code` is stable, `title` and `action` are for people. */
export const problemBody = z.object({
  type: z.literal('about:blank'),
  status: z.number().int(),
  code: z.string(),
  title: z.string(),
  action: z.string().optional(),
});
