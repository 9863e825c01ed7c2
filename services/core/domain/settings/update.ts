import { z } from 'zod';
import { setting } from '../setting-meta.ts';

export const update = z.object({
  channel: setting(
    z
      .url({ protocol: /^https?$/, error: 'must be http://ADDRESS or https://ADDRESS' })
      .max(1_024)
      .nullable()
      .default(null),
    {
      description: 'Where new versions are announced: the address of a channel file (docs/updates.md)',
      effect: 'none',
    },
  ),
  auto: setting(z.boolean().default(false), {
    description: 'Install a new version of the channel by itself, while nothing is on the air',
    effect: 'none',
  }),
});
