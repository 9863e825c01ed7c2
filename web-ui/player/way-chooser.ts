/** A way for pictures to come. */
export type Way = 'webrtc' | 'hls';
export type WayChoice = 'auto' | Way;

/**
 * Why a session ended or never began.
 * `full` no place, `unavailable` the server can't just now (HTTP 503), `network` no answer at all,
 * `refused` the server won't have it (other HTTP errors), `unsupported` this browser can't,
 * `lost` the connection broke, `timeout` no picture in time, `frozen` pictures stopped, `narrow` the link is too slow.
 */
export type Failure =
  | 'full'
  | 'unavailable'
  | 'network'
  | 'refused'
  | 'unsupported'
  | 'lost'
  | 'timeout'
  | 'frozen'
  | 'narrow';

/** After WebRTC did not work, LL-HLS plays this long before WebRTC is tried again; doubled each time. */
const firstBarMs = 30_000;
const maxBarMs = 16 * 60_000;
/** So many stalls in so much time, and WebRTC is not for this network just now. */
const stallsToBar = 3;
const stallWindowMs = 60_000;
const hlsFailuresToReturn = 2;

export function isWayChoice(text: string | null | undefined): text is WayChoice {
  return text === 'auto' || text === 'webrtc' || text === 'hls';
}

/**
 * Chooses how to watch: WebRTC first, since it is the quickest; LL-HLS where that doesn't work; and back
 * again after a while. A way chosen by hand is kept, whatever happens.
 */
export class WayChooser {
  #choice: WayChoice;
  /** What is shown just now comes this way only. */
  #held: Way | null = null;
  readonly #supports: (way: Way) => boolean;
  #barredUntilMs = 0;
  #barMs = firstBarMs;
  #stallsAtMs: number[] = [];
  #hlsFailures = 0;

  constructor({ choice, supports }: { choice: WayChoice; supports: (way: Way) => boolean }) {
    this.#choice = choice;
    this.#supports = supports;
  }

  get choice(): WayChoice {
    return this.#choice;
  }

  /** A fresh choice forgets what went wrong before. */
  choose(choice: WayChoice): void {
    this.#choice = choice;
    this.#barredUntilMs = 0;
    this.#barMs = firstBarMs;
    this.#stallsAtMs = [];
    this.#hlsFailures = 0;
  }

  get held(): Way | null {
    return this.#held;
  }

  /** One way, whatever was chosen, until that is taken back with null. */
  hold(way: Way | null): void {
    this.#held = way;
  }

  /** The way to try now. */
  next(nowMs: number): Way {
    if (this.#held !== null) return this.#held;
    if (this.#choice !== 'auto') return this.#choice;
    if (!this.#supports('hls')) return 'webrtc';
    return this.#supports('webrtc') && nowMs >= this.#barredUntilMs ? 'webrtc' : 'hls';
  }

  /** LL-HLS plays, and it is time to see whether WebRTC works by now. */
  mayReturn(nowMs: number): boolean {
    return this.next(nowMs) === 'webrtc';
  }

  note(way: Way, failure: Failure, nowMs: number): void {
    // No place, no server: that says nothing about the way.
    if (failure === 'full' || failure === 'unavailable' || failure === 'network') return;
    if (way === 'hls') this.#noteHlsFailure();
    else if (failure === 'frozen' || failure === 'lost') this.#noteStall(nowMs);
    else this.#bar(nowMs);
  }

  /** A way has played long enough to be trusted again. */
  noteSteady(way: Way): void {
    if (way === 'webrtc') this.#barMs = firstBarMs;
    else this.#hlsFailures = 0;
  }

  /** Once may happen; LL-HLS that fails again is no better than WebRTC, which gets its next chance now. */
  #noteHlsFailure(): void {
    this.#hlsFailures += 1;
    if (this.#hlsFailures < hlsFailuresToReturn) return;
    this.#hlsFailures = 0;
    this.#barredUntilMs = 0;
  }

  #noteStall(nowMs: number): void {
    this.#stallsAtMs = this.#stallsAtMs.filter((atMs) => nowMs - atMs < stallWindowMs);
    this.#stallsAtMs.push(nowMs);
    if (this.#stallsAtMs.length < stallsToBar) return;
    this.#stallsAtMs = [];
    this.#bar(nowMs);
  }

  #bar(nowMs: number): void {
    this.#barredUntilMs = nowMs + this.#barMs;
    this.#barMs = Math.min(this.#barMs * 2, maxBarMs);
  }
}
