import type { Way } from '../player/way-chooser.ts';
import type { StatusReply } from '../server/messages.ts';
import type { Measure } from '../ways/measure.ts';

/** No picture for so long is not usual over WebRTC: the box is asked why. */
const stillMs = 800;
const askEveryMs = 2_000;
/** Looks of a second each, in which all pictures were key frames. */
const looksToBelieve = 3;

/**
 * Notices that the box sends this device key frames alone, by what it says and by what comes: then the page changes over
 * to LL-HLS and says why.
 */
export class SlowLink {
  readonly #giveUpWebrtc: () => boolean;
  readonly #tell: (moved: boolean) => void;
  readonly #ask: () => void;
  #heard: StatusReply | null = null;
  #looks = 0;
  #frames = 0;
  #movedAtMs = 0;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #toldToChoose = false;

  constructor(options: {
    /** @returns false where the way was chosen by hand */
    giveUpWebrtc: () => boolean;
    tell: (moved: boolean) => void;
    /** Asks the box for its status. */
    ask: () => void;
  }) {
    this.#giveUpWebrtc = options.giveUpWebrtc;
    this.#tell = options.tell;
    this.#ask = options.ask;
  }

  /** The newest status; each one is looked at once. */
  hear(status: StatusReply | null, way: Way | null): void {
    if (status === this.#heard) return;
    this.#heard = status;
    if (status?.viewer?.keyFramesOnly === true && way === 'webrtc') this.#act();
  }

  /** @param frames shown so far; null where none are expected */
  look(frames: number | null, nowMs: number): void {
    if (frames === null || frames !== this.#frames) {
      this.#frames = frames ?? this.#frames;
      this.#movedAtMs = nowMs;
    } else if (nowMs - this.#movedAtMs > stillMs && nowMs - this.#askedAtMs > askEveryMs) {
      this.#askedAtMs = nowMs;
      this.#ask();
    }
  }

  /** Once a second. */
  measured(measure: Measure | null, way: Way | null): void {
    this.#looks = way === 'webrtc' && measure?.keyFramesOnly === true ? this.#looks + 1 : 0;
    if (this.#looks >= looksToBelieve) this.#act();
  }

  #act(): void {
    this.#looks = 0;
    if (this.#giveUpWebrtc()) this.#tell(true);
    else if (!this.#toldToChoose) {
      this.#toldToChoose = true;
      this.#tell(false);
    }
  }
}
