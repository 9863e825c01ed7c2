import { element, kept, remembered, setText } from '../page/elements.ts';
import type { Speak } from './phrases.ts';

const key = 'onair.sound';
const volumeKey = 'onair.volume';

/** Sound starts off, as browsers demand; one tap anywhere on the picture brings it, and the tab remembers. */
export class SoundControl {
  readonly #say: Speak;
  readonly #video: HTMLVideoElement;
  readonly #button = element('sound', HTMLButtonElement);
  readonly #icon = element('sound-icon', SVGUseElement);
  readonly #label = element('sound-label', HTMLElement);
  readonly #volume = element('volume', HTMLInputElement);
  #available = true;

  constructor(say: Speak, video: HTMLVideoElement) {
    this.#say = say;
    this.#video = video;
    this.#button.title = say('sound');
    this.#button.addEventListener('click', () => this.toggle());
    this.#volume.addEventListener('input', () => this.setVolume(this.#volume.valueAsNumber));
    const volume = Number(kept.get(volumeKey) ?? 100);
    if (volume > 0 && volume <= 100) video.volume = volume / 100;
    video.addEventListener('volumechange', () => this.#render());
    this.#render();
  }

  /** The stream has sound at all. */
  setAvailable(available: boolean): void {
    if (available === this.#available) return;
    this.#available = available;
    this.#render();
  }

  /** Pictures play: sound too, if it was on in this tab before and the browser lets us. */
  async restore(): Promise<void> {
    const video = this.#video;
    if (!video.muted || remembered.get(key) !== 'on') return;
    video.muted = false;
    try {
      await video.play();
    } catch {
      video.muted = true;
      await video.play().catch(() => {});
    }
  }

  toggle(): void {
    if (!this.#available) return;
    this.#video.muted = !this.#video.muted;
    remembered.set(key, this.#video.muted ? 'off' : 'on');
    if (!this.#video.muted && !this.#video.paused) this.#video.play().catch(() => {});
  }

  /** @param percent 0 to 100 */
  setVolume(percent: number): void {
    const bounded = Math.max(0, Math.min(100, percent));
    this.#video.volume = bounded / 100;
    if (bounded > 0) kept.set(volumeKey, String(bounded));
  }

  /** Louder, or below zero less loud. */
  change(percent: number): void {
    if (this.#available && !this.#video.muted) this.setVolume(Math.round(this.#video.volume * 100) + percent);
  }

  #render(): void {
    const on = !this.#video.muted;
    this.#button.disabled = !this.#available;
    this.#button.dataset.invite = String(!on && this.#available);
    this.#icon.setAttribute('href', on && this.#available ? '#icon-sound' : '#icon-mute');
    setText(this.#label, this.#say(!this.#available ? 'noSound' : on ? 'soundOn' : 'soundOff'));
    this.#volume.hidden = !on || !this.#available;
    this.#volume.value = String(Math.round(this.#video.volume * 100));
  }
}
