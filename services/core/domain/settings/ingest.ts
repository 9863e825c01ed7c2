import { z } from 'zod';
import { integer } from '../setting-kinds.ts';
import { setting } from '../setting-meta.ts';

/** It is a segment of an address, SRT's stream id and a Bearer token alike. */
const ingestKey = z.string().regex(/^[\w-]{8,64}$/, { error: 'must be 8 to 64 letters, digits, - and _' });

export const ingest = z.object({
  key: setting(ingestKey.nullable().default(null), {
    description: 'Key that senders publish with; empty makes a new one',
    effect: 'none',
    secret: true,
  }),
  goesLive: setting(z.boolean().default(true), {
    description:
      'A sender takes the box live where video.source is rtmp, srt or whip; the broadcast ends 60 s after it left',
    effect: 'none',
  }),
  rtmp: setting(z.boolean().default(true), {
    description: 'Take streams by RTMP: from OBS, encoders, phones',
    effect: 'none',
  }),
  srt: setting(z.boolean().default(true), {
    description: 'Take streams by SRT: from OBS, encoders, phones',
    effect: 'none',
  }),
  whip: setting(z.boolean().default(true), {
    description: 'Take streams by WHIP: from OBS 30 and newer, browsers',
    effect: 'none',
  }),
  rtmpPort: setting(integer(0, 65_535).default(1_935), {
    description: 'TCP port of RTMP; 0 takes any that is free',
    effect: 'none',
  }),
  srtPort: setting(integer(0, 65_535).default(9_710), {
    description: 'UDP port of SRT; 0 takes any that is free',
    effect: 'none',
  }),
});
