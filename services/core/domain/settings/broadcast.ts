import { z } from 'zod';
import { setting } from '../setting-meta.ts';
import { typedText } from '../typed-text.ts';

export const broadcast = z.object({
  streamId: setting(z.uuid(), { description: 'Identity of the stream', effect: 'none', fixed: true }),
  title: setting(typedText(128).default('Live'), { description: 'Title of the broadcast', effect: 'none' }),
  description: setting(typedText(1024).default(''), {
    description: 'What the broadcast is about',
    effect: 'none',
  }),
  resumeOnBoot: setting(z.boolean().default(false), {
    description: 'Go live again after a restart of the box that interrupted a broadcast',
    effect: 'none',
  }),
});
