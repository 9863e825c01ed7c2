import { z } from 'zod';
import { encoderChoice, maskSecrets, videoSource } from '../media.ts';
import { pictureFile } from '../picture-file.ts';
import { even, integer } from '../setting-kinds.ts';
import { setting } from '../setting-meta.ts';

export const video = z.object({
  source: setting(videoSource.default('auto'), {
    description:
      'Camera: auto, csi, v4l2:/dev/videoN; file:PATH; test for the test picture; rtmp, srt or whip for what others publish; rtsp://… or srt://… to pull',
    effect: 'none',
    mask: maskSecrets,
  }),
  fallback: setting(z.array(videoSource).max(8).default([]), {
    description: 'Sources shown in this order while the source delivers nothing, before the slate',
    effect: 'none',
    mask: maskSecrets,
  }),
  slate: setting(pictureFile.nullable().default(null), {
    description: 'Picture (PNG or JPEG) shown while no source delivers; empty is the built-in one',
    effect: 'none',
  }),
  width: setting(even(160, 1920).default(1280), { description: 'Width', unit: 'px', effect: 'pipeline' }),
  height: setting(even(120, 1920).default(720), { description: 'Height', unit: 'px', effect: 'pipeline' }),
  framesPerSecond: setting(integer(5, 60).default(30), {
    description: 'Frame rate',
    unit: 'fps',
    effect: 'pipeline',
  }),
  bitrateKbps: setting(integer(100, 25_000).default(3_000), {
    description: 'Video bitrate',
    unit: 'kbit/s',
    effect: 'none',
  }),
  adaptive: setting(z.boolean().default(true), {
    description: 'The bitrate follows the viewers below the one that is set, down to a third',
    effect: 'none',
  }),
  encoder: setting(encoderChoice.default('auto'), {
    description: 'H.264 encoder; auto takes the hardware where it works',
    effect: 'pipeline',
  }),
  rotate: setting(z.union([z.literal(0), z.literal(90), z.literal(180), z.literal(270)]).default(0), {
    description: 'Clockwise rotation',
    unit: '°',
    effect: 'none',
  }),
  keyFrameIntervalSeconds: setting(z.number().min(0.5).max(10).default(1), {
    description: 'Longest time from one key frame to the next',
    unit: 's',
    effect: 'pipeline',
  }),
});
