import { element, remembered, setText } from '../page/elements.ts';

const key = 'onair.sound';

/** Sound starts off, as browsers demand; one tap anywhere on the picture brings it, and the tab remembers. */
export class SoundControl {
  readonly #video: HTMLVideoElement;
  readonly #button = element('sound', HTMLButtonElement);
  readonly #icon = element('sound-icon', SVGUseElement);
  readonly #label = element('sound-label', HTMLElement);
  #available = true;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#button.addEventListener('click', () => this.toggle());
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
    if (!this.#video.muted) this.#video.play().catch(() => {});
  }

  #render(): void {
    const on = !this.#video.muted;
    this.#button.disabled = !this.#available;
    this.#button.dataset.invite = String(!on && this.#available);
    this.#icon.setAttribute('href', on && this.#available ? '#icon-sound' : '#icon-mute');
    setText(this.#label, !this.#available ? 'No sound' : on ? 'Sound on' : 'Tap for sound');
  }
}
