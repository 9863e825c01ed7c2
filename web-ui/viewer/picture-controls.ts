import { element, setText } from '../page/elements.ts';
import type { Screen } from '../ways/screen.ts';
import type { SoundControl } from './sound.ts';

/** The controls fade when nothing happens for this long. */
const idleAfterMs = 3_000;

/** Safari on iPhones has only the video's own full screen. */
type SafariVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

/** Pause, full screen, picture-in-picture, and the keys for them. */
export class PictureControls {
  readonly #screen: Screen;
  readonly #sound: SoundControl;
  readonly #stage = element('stage', HTMLElement);
  readonly #pause = element('pause', HTMLButtonElement);
  readonly #pauseIcon = element('pause-icon', SVGUseElement);
  readonly #fullscreen = element('fullscreen', HTMLButtonElement);
  readonly #fullscreenIcon = element('fullscreen-icon', SVGUseElement);
  readonly #floating = element('floating', HTMLButtonElement);
  readonly #tapToPlay = element('tap-to-play', HTMLButtonElement);
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(screen: Screen, sound: SoundControl) {
    this.#screen = screen;
    this.#sound = sound;
    this.#pause.addEventListener('click', () => screen.togglePause());
    this.#tapToPlay.addEventListener('click', () => screen.togglePause());
    this.#fullscreen.addEventListener('click', () => this.#toggleFullscreen());
    this.#floating.addEventListener('click', () => void this.#toggleFloating());
    document.addEventListener('fullscreenchange', () => this.render());
    document.addEventListener('keydown', (event) => this.#key(event));
    for (const type of ['pointermove', 'pointerdown', 'focusin', 'keydown']) {
      this.#stage.addEventListener(type, () => this.#wake());
    }
    screen.video.addEventListener('click', () => this.#tapPicture());
    this.#floating.hidden = !document.pictureInPictureEnabled;
    const video: SafariVideo = screen.video;
    this.#fullscreen.hidden = !document.fullscreenEnabled && !video.webkitEnterFullscreen;
    this.#wake();
    this.render();
  }

  render(): void {
    const { paused, blocked } = this.#screen;
    this.#stage.dataset.paused = String(paused);
    this.#tapToPlay.hidden = !paused;
    setText(this.#tapToPlay, blocked ? 'Tap to play' : 'Paused. Go on live');
    label(this.#pause, this.#pauseIcon, paused ? ['Play (K)', '#icon-play'] : ['Pause (K)', '#icon-pause']);
    label(
      this.#fullscreen,
      this.#fullscreenIcon,
      document.fullscreenElement
        ? ['Leave full screen (F)', '#icon-shrink']
        : ['Full screen (F)', '#icon-grow'],
    );
  }

  /** The first tap on a silent picture is for its sound; after that it only shows the controls. */
  #tapPicture(): void {
    if (this.#screen.paused) this.#screen.togglePause();
    else if (this.#screen.video.muted) this.#sound.toggle();
  }

  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : null;
    // Where a control has the focus, its own keys are meant.
    if (target?.closest('select, input, textarea')) return;
    if (event.key === ' ' && target?.closest('button, a')) return;
    const key = event.key.toLowerCase();
    if (key === ' ' || key === 'k') this.#screen.togglePause();
    else if (key === 'm') this.#sound.toggle();
    else if (key === 'f') this.#toggleFullscreen();
    else return;
    event.preventDefault();
    this.#wake();
  }

  #toggleFullscreen(): void {
    const video: SafariVideo = this.#screen.video;
    if (document.fullscreenElement) void document.exitFullscreen();
    else if (this.#stage.requestFullscreen) this.#stage.requestFullscreen().catch(() => {});
    else video.webkitEnterFullscreen?.();
  }

  async #toggleFloating(): Promise<void> {
    try {
      if (document.pictureInPictureElement) await document.exitPictureInPicture();
      else await this.#screen.video.requestPictureInPicture();
    } catch {
      // No picture yet, or the browser won't: nothing is lost.
    }
  }

  #wake(): void {
    this.#stage.dataset.idle = 'false';
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => {
      this.#stage.dataset.idle = 'true';
    }, idleAfterMs);
  }
}

function label(button: HTMLButtonElement, icon: SVGUseElement, [name, href]: [string, string]): void {
  if (button.title === name) return;
  button.title = name;
  button.setAttribute('aria-label', name);
  icon.setAttribute('href', href);
}
