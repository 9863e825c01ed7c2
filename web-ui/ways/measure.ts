import type { Delay } from '../player/delay-estimate.ts';

/** What a session really delivers just now; null where it can't be known. */
export interface Measure {
  framesPerSecond: number | null;
  bitrateKbps: number | null;
  /** False where the stream has no sound at all. */
  sound: boolean | null;
  delay: Delay | null;
}

export interface MeasuringSession {
  /** @param serverNowMs the server's clock now, where that is known */
  measure(serverNowMs: number | null): Promise<Measure>;
}
