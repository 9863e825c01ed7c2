import { z } from 'zod';
import { setting } from '../setting-meta.ts';

export const panel = z.object({
  board: setting(
    z
      .string()
      .regex(/^[a-z0-9]([a-z0-9-]{0,31})$/, { error: 'must be a name like pi-4, or auto' })
      .default('auto'),
    { description: 'Board: auto finds it, or a name of firmware/boards', effect: 'none' },
  ),
});
