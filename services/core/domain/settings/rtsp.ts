import { z } from 'zod';
import { integer } from '../setting-kinds.ts';
import { setting } from '../setting-meta.ts';

export const rtsp = z.object({
  enabled: setting(z.boolean().default(true), {
    description: 'Offer the stream by RTSP: for VLC, OBS, Home Assistant, Frigate',
    effect: 'none',
  }),
  port: setting(integer(0, 65_535).default(8_554), {
    description: 'TCP port of RTSP; 0 takes any that is free',
    effect: 'none',
  }),
});
