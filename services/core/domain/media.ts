import { z } from 'zod';
import { cameraControls, cameraMode, shownControl } from './camera.ts';
import { overlay } from './overlay.ts';
import { pictureFile } from './picture-file.ts';
import { problem } from './problem.ts';

/**
 * Where pictures come from: `test`, `auto`, `csi`, `file:PATH`, `v4l2:DEV` (a path below /dev), what others publish
 * (`rtmp`, `srt`, `whip`), or an address that is pulled (`rtsp://…`, `srt://…`).
 */
export const videoSource = z
  .string()
  .max(1024)
  .regex(
    /^(test|auto|csi|rtmp|srt|whip|file:[^\0]+|v4l2:\/dev\/[\w./-]+|(rtsps?|srt):\/\/[^\s\p{Cc}/]+[^\s\p{Cc}]*)$/u,
    { error: 'must be test, auto, csi, rtmp, srt, whip, file:PATH, v4l2:/dev/NAME, rtsp://… or srt://…' },
  );

/**
 * A source as people may be shown it, and logs: an address without user, password and query (SRT's passphrase). Up to the
 * last `@`, since a password may hold what an address would encode.
 */
export function withoutSecrets(source: string): string {
  const address = /^(\w+:\/\/)([^?#]*@)?([^?#]*)/.exec(source);
  return address ? `${address[1]}${address[3]}` : source;
}

/** A source as settings answer it: user, password, and SRT's passphrase and stream id are `***`. */
export function maskSecrets(source: string): string {
  return source
    .replace(/^((?:rtsps?|srt):\/\/)[^?#]*@/, '$1***@')
    .replace(/^(srt:.*)$/, (address) => address.replace(/([?&](?:passphrase|streamid)=)[^&#]*/g, '$1***'));
}

/** How sound is changed on its way to the encoder. */
export const soundControls = {
  muted: z.boolean(),
  gainDb: z.number().min(-40).max(40),
  delayMs: z.number().int().min(0).max(2_000),
};

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
    /** Sources to be shown, in this order, where that one does not deliver; then the slate. */
    fallback: z.array(videoSource),
    /** A picture of the operator's own for the slate. */
    slate: pictureFile.nullable(),
    width: z.number().int(),
    height: z.number().int(),
    framesPerSecond: z.number().int(),
    bitrateKbps: z.number().int(),
    encoder: encoderChoice,
    rotate: z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]),
    keyFrameIntervalSeconds: z.number(),
  }),
  audio: z.object({ source: audioSource, bitrateKbps: z.number().int(), ...soundControls }),
  hls: z.object({ partMs: z.number().int() }),
  /** The id of a source that is on the air instead of `video.source`, until stop. */
  take: z.string().nullable(),
  /** The operator has the slate shown: the sources go on behind it. */
  holdSlate: z.boolean(),
  /** What the slate says. */
  slate: z.object({ name: z.string(), words: z.string() }),
  /** What is drawn over the pictures; null where nothing is. */
  overlay: overlay.nullable(),
  /** What is set of cameras, by their ids. */
  cameras: z.record(z.string(), cameraControls),
  /** Loopback UDP ports of egress; null while egress is away: packets then go nowhere. */
  rtp: z.object({ videoPort: z.number().int(), audioPort: z.number().int() }).nullable(),
});
export type MediaRequest = z.infer<typeof mediaRequest>;

export const sourceKind = z.enum(['csi', 'v4l2', 'file', 'test', 'rtsp', 'srt', 'rtmp', 'whip']);

/** What can be on the air, and how it does (`GET /api/v1/sources`). */
export const sourceEntry = z.object({
  /** `test`, `rtmp`, `srt`, `whip`, `file`, or a camera's: stable over restarts and ports. */
  id: z.string(),
  /** As people know it: "Logitech C920". */
  name: z.string(),
  kind: sourceKind,
  /** What `video.source` is set to for it; passwords are `***`, which a change of settings understands. */
  setting: z.string(),
  state: z.enum(['ready', 'on-air', 'waiting', 'failed']),
  reason: problem.nullable(),
  /** Sizes and rates that a camera offers, the largest first; null where that is not known or means nothing. */
  modes: z.array(cameraMode).nullable(),
  /** What can be set of a camera, and what holds; null where that is nothing, or not known. */
  controls: z.array(shownControl).nullable(),
});
export type SourceEntry = z.infer<typeof sourceEntry>;

/** What can be heard: a microphone or line input that is plugged in. */
export const microphoneEntry = z.object({
  /** What `audio.source` is set to for it. */
  setting: z.string(),
  /** As people know it: "HD Pro Webcam C920". */
  name: z.string(),
});
export type MicrophoneEntry = z.infer<typeof microphoneEntry>;

export const sourceList = z.object({
  sources: z.array(sourceEntry),
  microphones: z.array(microphoneEntry),
  /** The id of the source whose pictures are on the air; null where there is none, or the slate is shown. */
  onAir: z.string().nullable(),
  /** The slate is on the air: nothing that may be shown delivers pictures. */
  slate: z.boolean(),
});
export type SourceList = z.infer<typeof sourceList>;
