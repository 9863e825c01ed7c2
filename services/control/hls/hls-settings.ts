/** What the origin needs of the box's settings (`hls`, and `video.keyFrameIntervalSeconds`). */
export interface HlsSettings {
  /** Length of a part as media is asked to cut it. */
  partMs: number;
  /** A segment ends at the first key frame from here on. */
  segmentMs: number;
  /** How far back the playlist reaches; never less than three target durations. */
  windowSeconds: number;
  /** Longest time from one key frame to the next. */
  keyFrameIntervalSeconds: number;
  /** Most pictures a second. */
  framesPerSecond: number;
}

/** A key frame this much early still ends its segment: a camera's clock is not ours. */
const toleratedJitter = 0.1;

/** Whether a segment of this length may end at the key frame that comes now. */
export function isLongEnough(durationSeconds: number, settings: HlsSettings): boolean {
  return durationSeconds * 1000 >= settings.segmentMs * (1 - toleratedJitter);
}

/**
 * EXT-X-TARGETDURATION in whole seconds (rfc8216bis 4.4.3.1): the longest segment these settings make, which
 * is `segmentMs` rounded up to whole key frame intervals.
 */
export function targetDurationSeconds(settings: HlsSettings): number {
  const { segmentMs, keyFrameIntervalSeconds } = settings;
  const intervals = Math.ceil((segmentMs * (1 - toleratedJitter)) / 1000 / keyFrameIntervalSeconds);
  return Math.max(1, Math.ceil(Math.max(1, intervals) * keyFrameIntervalSeconds));
}

/** Parts may be this much longer than the first one: a camera's frames are not quite regular. */
const partHeadroom = 1.05;

/**
 * PART-TARGET in seconds (rfc8216bis 4.4.3.7), from the first part that media really cut: where `partMs` is no
 * multiple of the frame duration, parts are shorter than asked for, and each must reach 85 % of the target.
 * A first part far from `partMs` (a camera that is only waking up) says nothing.
 */
export function partTargetSeconds(settings: HlsSettings, firstPartSeconds: number): number {
  const asked = settings.partMs / 1000;
  const plausible = firstPartSeconds >= 0.6 * asked && firstPartSeconds <= 1.1 * asked;
  return Math.ceil((plausible ? firstPartSeconds : asked) * partHeadroom * 1000 - 1e-6) / 1000;
}
