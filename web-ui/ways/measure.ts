import type { Delay } from '../player/delay-estimate.ts';

/** What a session really delivers just now; null where it can't be known. */
export interface Measure {
  framesPerSecond: number | null;
  bitrateKbps: number | null;
  /** False where the stream has no sound at all. */
  sound: boolean | null;
  delay: Delay | null;
  /** Every picture since the last look was a key frame, and they were few: the link takes no others. WebRTC only. */
  keyFramesOnly?: boolean;
  /** What the network could carry, where that was estimated; LL-HLS only. */
  bandwidthKbps?: number | null;
  /** Since the session began; WebRTC only. */
  packetsLost?: number;
  jitterMs?: number;
  roundTripMs?: number | null;
}

export interface MeasuringSession {
  /** @param serverNowMs the server's clock now, where that is known */
  measure(serverNowMs: number | null): Promise<Measure>;
  /** How much there is to go back to, in seconds; null where this way has no past. */
  windowSeconds(): number | null;
}
