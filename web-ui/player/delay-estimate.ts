/** More than this is not a delay but two clocks that disagree, or a picture of before a restart. */
const plausibleMs = 120_000;
/**
 * What is played out has yet to be drawn, and the two are asked at different moments: by so much may a picture seem
 * to have been captured after it was sent.
 */
const drawingMs = 50;
/** So many looks at it, and one late picture makes no difference. */
const smoothedOver = 5;

/** How far behind live a picture is, and since when that counts. */
export interface Delay {
  ms: number;
  /** `capture`: since the camera took it. `sent`: since it left the box, where its capture time can't be had. */
  basis: 'capture' | 'sent';
}

/** A picture's own capture time against now, both by the same clock; null where that can't be. */
export function delaySinceCapture(captureMs: number | null, nowMs: number | null): Delay | null {
  if (captureMs === null || nowMs === null) return null;
  const ms = nowMs - captureMs;
  return Math.abs(ms) < plausibleMs ? { ms: Math.max(0, ms), basis: 'capture' } : null;
}

/** What `requestVideoFrameCallback` tells of a picture that came over WebRTC (local clock, milliseconds). */
export interface FrameTimes {
  expectedDisplayTime: number;
  /** Estimated by the browser from the sender's reports; often absent. */
  captureTime?: number;
  /** When its last packet came. */
  receiveTime?: number;
}

/** When the picture that is shown was captured, and what time it was when that was asked, by the sender's clock. */
export interface SenderTimes {
  /** `RTCInboundRtpStreamStats.estimatedPlayoutTimestamp`: milliseconds since 1900 (NTP). */
  playoutNtpMs: number | undefined;
  /** When that was true, by the local clock: milliseconds since 1970. */
  askedAtMs: number;
  /** The latest sender report: the sender's clock when it was sent, and the local one when it came; since 1970. */
  report: { sentMs: number; cameMs: number } | null;
  roundTripSeconds: number | null;
}

const ntpEpochMs = 2_208_988_800_000;

/**
 * The delay since capture by the clock of the box alone: its sender reports say which picture is captured at what time,
 * and by the way what time it is there. Null where the browser doesn't tell, or has not yet heard enough.
 */
export function delayBySender({
  playoutNtpMs,
  askedAtMs,
  report,
  roundTripSeconds,
}: SenderTimes): Delay | null {
  if (!playoutNtpMs || report === null) return null;
  const aheadMs = report.sentMs + (roundTripSeconds ?? 0) * 500 - report.cameMs;
  const captureMs = playoutNtpMs - ntpEpochMs;
  const ms = askedAtMs + aheadMs - captureMs;
  return ms > 0 && ms < plausibleMs ? { ms, basis: 'capture' } : null;
}

/** Counters of one moment, as WebRTC's statistics give them (seconds). */
export interface ReceiveCounters {
  jitterBufferDelaySeconds: number;
  jitterBufferEmittedCount: number;
  decodeSeconds: number;
  framesDecoded: number;
}

/**
 * The delay of a WebRTC picture: from its capture time where there is one; else half a round trip and what
 * passed between its last packet and the screen; else, without times of single pictures, half a round trip,
 * the jitter buffer and the decoder.
 */
export function webrtcDelay(options: {
  frame: FrameTimes | null;
  before: ReceiveCounters | null;
  now: ReceiveCounters;
  roundTripSeconds: number | null;
  sender?: SenderTimes;
}): Delay | null {
  const { frame, before, now, sender } = options;
  if (frame?.captureTime !== undefined)
    return delaySinceCapture(frame.captureTime, frame.expectedDisplayTime);
  const networkMs = (options.roundTripSeconds ?? 0) * 500;
  const sentMs =
    frame?.receiveTime === undefined ? null : networkMs + frame.expectedDisplayTime - frame.receiveTime;
  const captured = sender ? delayBySender(sender) : null;
  // Captured well after it was sent: then the browser has not yet heard enough reports.
  if (captured !== null && captured.ms >= (sentMs ?? 0) - drawingMs)
    return { ms: Math.max(captured.ms, sentMs ?? 0), basis: 'capture' };
  if (sentMs !== null) return { ms: sentMs, basis: 'sent' };
  if (before === null) return null;
  const emitted = now.jitterBufferEmittedCount - before.jitterBufferEmittedCount;
  const decoded = now.framesDecoded - before.framesDecoded;
  if (emitted <= 0 || decoded <= 0) return null;
  const buffered = (now.jitterBufferDelaySeconds - before.jitterBufferDelaySeconds) / emitted;
  const decoding = (now.decodeSeconds - before.decodeSeconds) / decoded;
  return { ms: networkMs + (buffered + decoding) * 1000, basis: 'sent' };
}

/** The middle of the last few: a figure that people can read. */
export class RecentDelay {
  #recent: Delay[] = [];

  note(delay: Delay | null): Delay | null {
    if (delay === null || delay.basis !== this.#recent[0]?.basis) this.#recent = [];
    if (delay === null) return null;
    this.#recent = [...this.#recent, delay].slice(-smoothedOver);
    const sorted = [...this.#recent].sort((a, b) => a.ms - b.ms);
    return sorted[Math.floor(sorted.length / 2)] ?? null;
  }
}
