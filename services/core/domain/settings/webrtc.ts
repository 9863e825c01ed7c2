import { z } from 'zod';
import { integer } from '../setting-kinds.ts';
import { setting } from '../setting-meta.ts';

const port = '([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])';
/** RFC 7064 and 7065; it goes into a header of WHEP, so nothing but an address will do. */
const iceUrl = (schemes: 'stuns?' | 'turns?', example: string) =>
  z
    .string()
    .max(512)
    .regex(new RegExp(`^${schemes}:([\\w.-]+|\\[[\\da-f:.]+\\])(:${port})?(\\?transport=(udp|tcp))?$`, 'i'), {
      error: `must be like ${example}`,
    });
const stunUrl = iceUrl('stuns?', 'stun:stun.example.org:3478');
const turnUrl = iceUrl('turns?', 'turn:turn.example.org:3478?transport=udp');

export const webrtc = z.object({
  engine: setting(z.enum(['native', 'node-datachannel', 'werift']).default('native'), {
    description: 'WebRTC engine',
    effect: 'none',
  }),
  port: setting(integer(0, 65_535).default(8189), {
    description: 'UDP port of WebRTC; 0 takes any that is free',
    effect: 'none',
  }),
  bindAddress: setting(z.union([z.ipv4(), z.ipv6()]).nullable().default(null), {
    description: 'Address that WebRTC listens on; empty is every one',
    effect: 'none',
  }),
  iceServers: setting(
    z
      .array(z.object({ urls: z.union([stunUrl, z.array(stunUrl).max(8)]) }))
      .max(8)
      .default([]),
    {
      description: 'STUN servers handed to viewers',
      effect: 'none',
    },
  ),
  turn: z
    .object({
      urls: setting(z.array(turnUrl).max(8).default([]), {
        description: 'TURN servers handed to viewers',
        effect: 'none',
      }),
      secret: setting(z.string().max(256).nullable().default(null), {
        description: 'Secret shared with the TURN servers (static-auth-secret)',
        effect: 'none',
        secret: true,
      }),
    })
    .prefault({}),
});
