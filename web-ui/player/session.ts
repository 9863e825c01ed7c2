import type { Failure, Way } from './way-chooser.ts';

/** One try to get pictures one way; `close` may be called twice. */
export interface Session {
  /** Takes the picture over, after having begun in the background. */
  show(): void;
  close(): void;
}

/** Called only after `OpenSession` returned. */
export interface SessionListener {
  /** A picture is decoded. */
  firstFrame(): void;
  /** It is over; `retryAfterMs` where the server said when to come again. */
  failed(failure: Failure, retryAfterMs?: number): void;
}

export type OpenSession = (way: Way, inBackground: boolean, listener: SessionListener) => Session;
