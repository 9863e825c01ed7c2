import { element, setText } from '../page/elements.ts';
import type { Screen } from '../ways/screen.ts';
import type { Speak } from './phrases.ts';
import type { ShiftControls } from './shift-controls.ts';
import type { SoundControl } from './sound.ts';

/** The controls fade when nothing happens for this long. */
const idleAfterMs = 3_000;
const volumeStepPercent = 10;

/** Safari on iPhones has only the video's own full screen. */
type SafariVideo = HTMLVideoElement & { webkitEnterFullscreen?: () => void };

/** Pause, full screen, picture-in-picture, and the keys for all that is on the picture. */
export class PictureControls {
  readonly #say: Speak;
  readonly #screen: Screen;
  readonly #sound: SoundControl;
  readonly #shift: ShiftControls;
  readonly #stage = element('stage', HTMLElement);
  readonly #pause = element('pause', HTMLButtonElement);
  readonly #pauseIcon = element('pause-icon', SVGUseElement);
  readonly #fullscreen = element('fullscreen', HTMLButtonElement);
  readonly #fullscreenIcon = element('fullscreen-icon', SVGUseElement);
  readonly #floating = element('floating', HTMLButtonElement);
  readonly #tapToPlay = element('tap-to-play', HTMLButtonElement);
  #idle: ReturnType<typeof setTimeout> | undefined;

  constructor(options: { say: Speak; screen: Screen; sound: SoundControl; shift: ShiftControls }) {
    this.#say = options.say;
    this.#screen = options.screen;
    this.#sound = options.sound;
    this.#shift = options.shift;
    const { screen } = options;
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
    const { paused, blocked, held } = this.#screen;
    const say = this.#say;
    this.#stage.dataset.paused = String(paused);
    this.#tapToPlay.hidden = !paused;
    this.#tapToPlay.disabled = held;
    this.#pause.disabled = held;
    setText(this.#tapToPlay, say(held ? 'pausedForAll' : blocked ? 'tapToPlay' : 'goOn'));
    label(this.#pause, this.#pauseIcon, paused ? [say('play'), '#icon-play'] : [say('pause'), '#icon-pause']);
    label(
      this.#fullscreen,
      this.#fullscreenIcon,
      document.fullscreenElement
        ? [say('leaveFullscreen'), '#icon-shrink']
        : [say('fullscreen'), '#icon-grow'],
    );
  }

  /** The first tap on a silent picture is for its sound; after that it only shows the controls. */
  #tapPicture(): void {
    if (this.#screen.paused) this.#screen.togglePause();
    else if (this.#screen.video.muted) this.#sound.toggle();
  }

  /** Single letters are keys only while the picture or nothing at all has the focus: elsewhere they are for writing. */
  #key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target !== document.body && !this.#stage.contains(target)) return;
    // Where a control has the focus, its own keys are meant.
    if (target.closest('select, input, textarea')) return;
    if (event.key === ' ' && target.closest('button, a')) return;
    const act = this.#actionOf(event.key, target !== document.body);
    if (act === undefined) return;
    act();
    event.preventDefault();
    this.#wake();
  }

  #actionOf(key: string, inStage: boolean): (() => void) | undefined {
    const actions: Record<string, () => void> = {
      ' ': () => this.#screen.togglePause(),
      k: () => this.#screen.togglePause(),
      m: () => this.#sound.toggle(),
      f: () => this.#toggleFullscreen(),
      p: () => void this.#toggleFloating(),
      j: () => this.#shift.back(),
      l: () => this.#shift.live(),
    };
    // Elsewhere the arrows move the page.
    if (inStage || document.fullscreenElement) {
      actions.arrowup = () => this.#sound.change(volumeStepPercent);
      actions.arrowdown = () => this.#sound.change(-volumeStepPercent);
    }
    return actions[key.toLowerCase()];
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
