import { element, setText } from '../page/elements.ts';
import { RecentDelay } from '../player/delay-estimate.ts';
import type { StreamInfo } from '../server/messages.ts';
import type { Measure } from '../ways/measure.ts';
import { delayMeaning, delayText, qualityText } from './words.ts';

/** Viewers, quality and delay. */
export class FiguresView {
  readonly #viewers = element('viewers', HTMLElement);
  readonly #quality = element('quality', HTMLElement);
  readonly #delay = element('delay', HTMLElement);
  readonly #recentDelay = new RecentDelay();

  showViewers(viewers: number | null): void {
    setText(this.#viewers, viewers === null ? '–' : String(viewers));
  }

  /** @param measure null while no pictures come */
  showPicture(measure: Measure | null, height: number, stream: StreamInfo | null): void {
    const quality = {
      height: measure ? height : 0,
      framesPerSecond: measure?.framesPerSecond ?? null,
      bitrateKbps: measure?.bitrateKbps ?? (measure && stream?.bitrate) ?? null,
    };
    setText(this.#quality, qualityText(quality));
    const delay = this.#recentDelay.note(measure?.delay ?? null);
    setText(this.#delay, delayText(delay));
    this.#delay.title = delay ? delayMeaning[delay.basis] : '';
  }
}
