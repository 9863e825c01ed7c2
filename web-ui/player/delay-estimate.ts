/** Seconds between 1900, where NTP counts from, and 1970. */
const ntpEpochSeconds = 2_208_988_800;
/** More than this is no delay but two clocks that disagree, or a picture of before a restart. */
const plausibleMs = 120_000;

/** How far behind live a picture is, and since when that counts. */
export interface Delay {
  ms: number;
  /**
   * `capture`: from the camera, by the server's clock. `sent`: from the moment it left the box, by the server's clock.
   * `transit`: the network and this browser's buffers, where no time stamps could be had.
   */
  basis: 'capture' | 'sent' | 'transit';
}

/** A picture's own time stamp against the server's clock now; null where that can't be. */
export function delaySince(
  basis: 'capture' | 'sent',
  pictureMs: number | null,
  serverNowMs: number | null,
): Delay | null {
  if (pictureMs === null || serverNowMs === null) return null;
  const ms = serverNowMs - pictureMs;
  return Math.abs(ms) < plausibleMs ? { ms: Math.max(0, ms), basis } : null;
}

/** `estimatedPlayoutTimestamp` is specified in NTP time; browsers give it from either epoch. */
export function unixFromNtpMs(timestampMs: number): number {
  return timestampMs > 3e12 ? timestampMs - ntpEpochSeconds * 1000 : timestampMs;
}

/** Counters of one moment, as WebRTC's statistics give them (seconds). */
export interface ReceiveCounters {
  jitterBufferDelaySeconds: number;
  jitterBufferEmittedCount: number;
  decodeSeconds: number;
  framesDecoded: number;
}

/** What can be added up without time stamps: half a round trip, the jitter buffer, and decoding. */
export function transitDelay(
  before: ReceiveCounters,
  after: ReceiveCounters,
  roundTripSeconds: number | null,
): Delay | null {
  const emitted = after.jitterBufferEmittedCount - before.jitterBufferEmittedCount;
  const decoded = after.framesDecoded - before.framesDecoded;
  if (emitted <= 0 || decoded <= 0) return null;
  const buffered = (after.jitterBufferDelaySeconds - before.jitterBufferDelaySeconds) / emitted;
  const decoding = (after.decodeSeconds - before.decodeSeconds) / decoded;
  return { ms: ((roundTripSeconds ?? 0) / 2 + buffered + decoding) * 1000, basis: 'transit' };
}
