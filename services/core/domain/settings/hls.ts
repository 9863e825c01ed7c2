import { z } from 'zod';
import { integer } from '../setting-kinds.ts';
import { setting } from '../setting-meta.ts';

export const hls = z.object({
  partMs: setting(integer(100, 1_000).default(200), {
    description: 'Length of an LL-HLS part',
    unit: 'ms',
    effect: 'pipeline',
  }),
  segmentMs: setting(integer(500, 10_000).default(1_000), {
    description: 'Length of an HLS segment',
    unit: 'ms',
    effect: 'pipeline',
  }),
  windowSeconds: setting(integer(6, 120).default(20), {
    description: 'How far back viewers can go',
    unit: 's',
    effect: 'pipeline',
  }),
});
