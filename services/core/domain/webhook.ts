import { z } from 'zod';

/** What programs elsewhere can be told of. */
export const webhookEvent = z.enum(['live', 'offline', 'trouble', 'recording.complete']);
export type WebhookEvent = z.infer<typeof webhookEvent>;

/** For people: the host alone, since the rest of a hook's address is often its secret. */
export function maskWebhook(url: string): string {
  return url.replace(/^(https?:\/\/)(?:[^/?#]*@)?([^/?#]+)[/?#].+$/, '$1$2/***');
}
