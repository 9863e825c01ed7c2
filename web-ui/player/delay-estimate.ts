/** More than this is no delay but two clocks that disagree, or a picture of before a restart. */
const plausibleMs = 120_000;
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
}): Delay | null {
  const { frame, before, now } = options;
  if (frame?.captureTime !== undefined)
    return delaySinceCapture(frame.captureTime, frame.expectedDisplayTime);
  const networkMs = (options.roundTripSeconds ?? 0) * 500;
  if (frame?.receiveTime !== undefined) {
    return { ms: networkMs + frame.expectedDisplayTime - frame.receiveTime, basis: 'sent' };
  }
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
