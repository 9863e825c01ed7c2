import { z } from 'zod';
import { integer } from '../setting-kinds.ts';
import { setting } from '../setting-meta.ts';

export const recording = z.object({
  mode: setting(z.enum(['off', 'live', 'manual']).default('manual'), {
    description: 'Recording: off, with each broadcast (live), or started by hand (manual)',
    effect: 'none',
  }),
  segmentMinutes: setting(integer(1, 240).default(30), {
    description: 'Length of a file',
    unit: 'min',
    effect: 'none',
  }),
  keepFreeMB: setting(integer(50, 1_000_000).default(500), {
    description: 'Space that recordings leave free',
    unit: 'MB',
    effect: 'none',
  }),
  location: setting(z.enum(['auto', 'usb', 'card']).default('auto'), {
    description: 'Where recordings go: auto takes a USB disk where one is plugged in',
    effect: 'none',
  }),
  deleteOldest: setting(z.boolean().default(false), {
    description: 'Delete the oldest recording where room is needed',
    effect: 'none',
  }),
});
