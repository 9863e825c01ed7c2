import { z } from 'zod';
import { integer } from '../setting-kinds.ts';
import { setting } from '../setting-meta.ts';

/** RFC 6454: what a browser's `Origin` says. */
const origin = z
  .string()
  .max(300)
  .regex(/^https?:\/\/(([a-z0-9-]+\.)*[a-z0-9-]+|\[[\da-f:.]+\])(:\d{1,5})?$/, {
    error: 'must be like https://example.org, in small letters, without a path',
  });

export const viewing = z.object({
  access: setting(z.enum(['open', 'pin']).default('open'), {
    description: 'Who may watch: everybody on the network, or who knows the PIN',
    effect: 'none',
  }),
  pin: setting(
    z
      .string()
      .trim()
      .regex(/^\d{4,12}$/, { error: 'must be 4 to 12 digits' })
      .nullable()
      .default(null),
    {
      description: 'PIN for watching',
      effect: 'none',
      secret: true,
    },
  ),
  recordings: setting(z.boolean().default(false), {
    description: 'Let viewers see recordings',
    effect: 'none',
  }),
  replay: setting(z.boolean().default(true), {
    description: 'Viewers can go back as far as the recording of the running broadcast reaches',
    effect: 'none',
  }),
  maxViewers: setting(integer(1, 10_000).default(10), {
    description: 'Most viewers at one time',
    effect: 'none',
  }),
  maxPerAddress: setting(integer(0, 10_000).nullable().default(null), {
    description:
      'Places of one address that a newcomer may not take from it while the house is full; empty is half, 0 all',
    effect: 'none',
  }),
  embedOrigins: setting(z.array(origin).max(32).default([]), {
    description: 'Web sites that may show the broadcast in pages of theirs, like https://example.org',
    effect: 'none',
  }),
});
