import { z } from 'zod';
import { setting } from '../setting-meta.ts';
import { maskWebhook, webhookEvent } from '../webhook.ts';

export const webhooks = z.object({
  urls: setting(
    z
      .array(z.url({ protocol: /^https?$/, error: 'must be http://ADDRESS or https://ADDRESS' }).max(1_024))
      .max(8)
      .default([]),
    {
      description: 'Addresses that are told what happens, by POST: https://ADDRESS',
      effect: 'none',
      mask: maskWebhook,
    },
  ),
  secret: setting(z.string().min(1).max(256).nullable().default(null), {
    description: 'Key by which webhooks are signed (Standard Webhooks): whsec_…, or any text',
    effect: 'none',
    secret: true,
  }),
  events: setting(
    z
      .array(webhookEvent)
      .max(4)
      .default([...webhookEvent.options]),
    {
      description: 'What webhooks tell of: live, offline, trouble, recording.complete',
      effect: 'none',
    },
  ),
});
