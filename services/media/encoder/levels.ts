import type { PipelinePlan } from './plan.ts';

/**
 * H.264's levels (table A-1) as GStreamer's caps name them: macroblocks a second, macroblocks of a picture, kbit/s, and V4L2's
 * number of it (V4L2_MPEG_VIDEO_H264_LEVEL_…). In the order in which they are preferred: below 3 the Raspberry Pi's encoder
 * hangs, and it is made for 4.
 */
const levels = [
  { name: '4', rate: 245_760, size: 8_192, kbps: 20_000, menu: 11 },
  { name: '4.1', rate: 245_760, size: 8_192, kbps: 50_000, menu: 12 },
  { name: '4.2', rate: 522_240, size: 8_704, kbps: 50_000, menu: 13 },
  { name: '5', rate: 589_824, size: 22_080, kbps: 135_000, menu: 14 },
  { name: '5.1', rate: 983_040, size: 36_864, kbps: 240_000, menu: 15 },
  { name: '3.2', rate: 216_000, size: 5_120, kbps: 20_000, menu: 10 },
  { name: '3.1', rate: 108_000, size: 3_600, kbps: 14_000, menu: 9 },
  { name: '3', rate: 40_500, size: 1_620, kbps: 10_000, menu: 8 },
] as const;

/**
 * The level to encode these pictures at. @param offered V4L2's numbers of those that an encoder has; null where that is not
 * known @returns null where none of them suffices
 */
export function levelOf(video: PipelinePlan['video'], offered: readonly number[] | null): string | null {
  const size = Math.ceil(video.width / 16) * Math.ceil(video.height / 16);
  const rate = size * video.framesPerSecond;
  const level = levels.find(
    (each) =>
      size <= each.size &&
      rate <= each.rate &&
      video.bitrateKbps <= each.kbps &&
      (offered === null || offered.includes(each.menu)),
  );
  return level?.name ?? null;
}
