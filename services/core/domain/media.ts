import { z } from 'zod';

/** Why something is not as it should be: for programs (`code`) and for people (what is wrong, what to do). */
export const reason = z.object({
  /** kebab-case, stable. */
  code: z.string(),
  /** What is wrong, and where, in a sentence. */
  message: z.string(),
  /** What to do about it, in a sentence. */
  action: z.string(),
});
export type Reason = z.infer<typeof reason>;

/** Where pictures come from: `test`, `auto`, `csi`, `file:PATH` or `v4l2:DEV` (a path below /dev). */
export const videoSource = z
  .string()
  .max(1024)
  .regex(/^(test|auto|csi|file:[^\0]+|v4l2:\/dev\/[\w./-]+)$/, {
    error: 'must be test, auto, csi, file:PATH or v4l2:/dev/NAME',
  });

/** Where sound comes from: `auto` (what belongs to the video source), `none`, or `alsa:DEVICE`. */
export const audioSource = z
  .string()
  .max(256)
  .regex(/^(auto|none|test|alsa:[\w:.,=-]+)$/, { error: 'must be auto, none, test or alsa:DEVICE' });

export const encoderChoice = z.enum(['auto', 'v4l2h264enc', 'x264enc']);

/** All that a pipeline is made from: the settings' media part as control hands it to media. */
export const mediaRequest = z.object({
  video: z.object({
    source: videoSource,
    width: z.number().int(),
    height: z.number().int(),
    framesPerSecond: z.number().int(),
    bitrateKbps: z.number().int(),
    encoder: encoderChoice,
    rotate: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]),
    keyFrameIntervalSeconds: z.number(),
  }),
  audio: z.object({ source: audioSource, bitrateKbps: z.number().int() }),
  hls: z.object({ partMs: z.number().int() }),
  /** Loopback UDP ports of egress; null while egress is away: packets then go nowhere. */
  rtp: z.object({ videoPort: z.number().int(), audioPort: z.number().int() }).nullable(),
});
export type MediaRequest = z.infer<typeof mediaRequest>;
