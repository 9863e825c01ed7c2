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
  readonly #line = element('facts-line', HTMLElement);
  readonly #description = element('description', HTMLElement);
  readonly #recentDelay = new RecentDelay();
  #shownDelay: Delay | null = null;
  #watching: string | null = null;

  constructor(say: Speak, language: string) {
    this.#say = say;
    this.#language = language;
    // Where there is room, all of it is shown; on a phone one line, which opens.
    const details = element('facts', HTMLDetailsElement);
    const roomy = matchMedia('(min-width: 40.01rem)');
    const fit = (): void => {
      details.open = roomy.matches;
    };
    roomy.addEventListener('change', fit);
    fit();
  }

  /** What the broadcast is about, as the operator wrote it. */
  showDescription(text: string): void {
    setText(this.#description, text);
    this.#description.hidden = text === '';
  }

  /** What is shown just now. */
  get delay(): Delay | null {
    return this.#shownDelay;
  }

  showViewers(viewers: number | null): void {
    this.#watching = viewers === null ? null : viewers.toLocaleString(this.#language);
    setText(this.#viewers, this.#watching ?? '–');
    this.#showLine();
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
    this.#showLine();
  }

  /** "12 watching · 0.4 s behind", as far as it is known. */
  #showLine(): void {
    const say = this.#say;
    const delay = this.#shownDelay && delayText(this.#shownDelay, this.#language);
    const parts = [
      this.#watching !== null && say('factsWatching', { viewers: this.#watching }),
      delay !== null && say('factsBehind', { delay }),
    ].filter(Boolean);
    setText(this.#line, parts.join(' · ') || say('facts'));
  }
}
