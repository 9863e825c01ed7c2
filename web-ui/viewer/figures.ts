import { element, setText } from '../page/elements.ts';
import { type Delay, RecentDelay } from '../player/delay-estimate.ts';
import type { StreamInfo } from '../server/messages.ts';
import type { Measure } from '../ways/measure.ts';
import { delayMeaning, delayText, qualityText, type Speak } from './phrases.ts';

/** Viewers, quality and delay. */
export class FiguresView {
  readonly #say: Speak;
  readonly #language: string;
  readonly #viewers = element('viewers', HTMLElement);
  readonly #quality = element('quality', HTMLElement);
  readonly #delay = element('delay', HTMLElement);
  readonly #recentDelay = new RecentDelay();
  #shownDelay: Delay | null = null;

  constructor(say: Speak, language: string) {
    this.#say = say;
    this.#language = language;
  }

  /** What is shown just now. */
  get delay(): Delay | null {
    return this.#shownDelay;
  }

  showViewers(viewers: number | null): void {
    setText(this.#viewers, viewers === null ? '–' : viewers.toLocaleString(this.#language));
  }

  /** @param measure null while no pictures come */
  showPicture(measure: Measure | null, height: number, stream: StreamInfo | null): void {
    const quality = {
      height: measure ? height : 0,
      framesPerSecond: measure?.framesPerSecond ?? null,
      bitrateKbps: measure?.bitrateKbps ?? (measure && stream?.bitrate) ?? null,
    };
    setText(this.#quality, qualityText(quality, this.#language));
    const delay = this.#recentDelay.note(measure?.delay ?? null);
    this.#shownDelay = delay;
    setText(this.#delay, delayText(delay, this.#language));
    this.#delay.title = delay ? delayMeaning(this.#say, delay) : '';
  }
}
