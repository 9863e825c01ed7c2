import { z } from 'zod';
import { setting } from '../setting-meta.ts';
import { typedText } from '../typed-text.ts';

export const device = z.object({
  id: setting(z.string().min(1).max(128), {
    description: 'Identity of this box',
    effect: 'none',
    fixed: true,
  }),
  name: setting(typedText(64).min(1).default('Onair'), {
    description: 'Name that people see',
    effect: 'none',
  }),
  language: setting(z.enum(['en', 'de']).default('en'), {
    description: 'Language of what the box itself says in the picture',
    effect: 'none',
  }),
});
