import type { MediaRequest } from '#core/domain/media.ts';

type Video = MediaRequest['video'];

/** One step down from what was set: each figure as a share of it, with a ceiling for the frame rate. */
interface Rung {
  size: number;
  bitrate: number;
  maxFramesPerSecond: number;
}

/**
 * What is given up, in this order, while the board is too hot or short of power. Pixels cost the encoder most, so they
 * go first; a picture of half the width at 15 frames still shows what happens.
 */
export const qualityRungs: readonly [Rung, ...Rung[]] = [
  { size: 1, bitrate: 1, maxFramesPerSecond: 60 },
  { size: 2 / 3, bitrate: 0.55, maxFramesPerSecond: 30 },
  { size: 1 / 2, bitrate: 0.35, maxFramesPerSecond: 24 },
  { size: 1 / 3, bitrate: 0.2, maxFramesPerSecond: 15 },
];

export const lowestRung = qualityRungs.length - 1;

/** What settings.ts allows at least. */
const smallest = { width: 160, height: 120, bitrateKbps: 100 };

/** The video that is to be encoded on a rung; never more than what was set. */
export function videoOnRung<Wanted extends Video>(video: Wanted, rung: number): Wanted {
  const { size, bitrate, maxFramesPerSecond } = qualityRungs[Math.min(rung, lowestRung)] ?? qualityRungs[0];
  return {
    ...video,
    width: scaled(video.width, size, smallest.width),
    height: scaled(video.height, size, smallest.height),
    framesPerSecond: Math.min(video.framesPerSecond, maxFramesPerSecond),
    bitrateKbps: Math.min(
      video.bitrateKbps,
      Math.max(smallest.bitrateKbps, Math.round(video.bitrateKbps * bitrate)),
    ),
  };
}

/** Encoders want even sides. */
function scaled(pixels: number, share: number, least: number): number {
  return Math.min(pixels, Math.max(least, 2 * Math.round((pixels * share) / 2)));
}
