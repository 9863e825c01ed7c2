/** The picture element, and what the ways of getting pictures may do with it. */
export class Screen {
  readonly video: HTMLVideoElement;
  /** The browser won't start it without a tap. */
  #blocked = false;
  #wantsPlay = true;
  #held = false;
  readonly #changed: () => void;

  constructor(video: HTMLVideoElement, changed: () => void) {
    this.video = video;
    this.#changed = changed;
    // Paused by the browser's own controls, picture-in-picture or media keys.
    video.addEventListener('pause', () => this.#notePause());
    video.addEventListener('play', () => this.#notePause());
  }

  /** Somebody has to tap before it plays. */
  get blocked(): boolean {
    return this.#blocked;
  }

  get paused(): boolean {
    return !this.#wantsPlay || this.#blocked || this.#held;
  }

  /** Paused for everybody who watches together: the viewer's own wish stays what it was. */
  get held(): boolean {
    return this.#held;
  }

  hold(held: boolean): void {
    if (held === this.#held) return;
    this.#held = held;
    if (held) this.video.pause();
    else void this.play();
    this.#changed();
  }

  /** Pictures shown so far by what plays now. */
  get frames(): number {
    return this.video.getVideoPlaybackQuality?.().totalVideoFrames ?? Math.floor(this.video.currentTime * 10);
  }

  showStream(stream: MediaStream): void {
    this.video.srcObject = stream;
    void this.play();
  }

  clear(): void {
    if (this.video.srcObject !== null) this.video.srcObject = null;
  }

  /** Plays if the viewer has not paused it. */
  async play(): Promise<void> {
    if (!this.#wantsPlay || this.#held) return;
    try {
      await this.video.play();
      this.#setBlocked(false);
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'NotAllowedError') return;
      // Browsers let a muted picture start by itself; some, to save power, not even that.
      if (this.video.muted) return this.#setBlocked(true);
      this.video.muted = true;
      await this.play();
    }
  }

  /** The viewer's pause: also ends a block, since this is the tap it waited for. */
  togglePause(): void {
    if (this.#held) return;
    const hasPicture = this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
    if (!hasPicture && !this.paused) return;
    this.#wantsPlay = this.paused;
    if (this.#wantsPlay) void this.play();
    else this.video.pause();
    this.#changed();
  }

  #notePause(): void {
    const { video } = this;
    // Browsers rest a picture that nobody sees.
    if (document.hidden || this.#held) return;
    // A change of source pauses for a moment as well; only a loaded picture is paused by somebody.
    if (video.paused && (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.ended)) return;
    if (video.paused === !this.#wantsPlay || this.#blocked) return;
    this.#wantsPlay = !video.paused;
    this.#changed();
  }

  #setBlocked(blocked: boolean): void {
    if (blocked === this.#blocked) return;
    this.#blocked = blocked;
    this.#changed();
  }
}

/** Calls once when the element has a decoded picture; the returned function calls it off. */
export function onFirstFrame(video: HTMLVideoElement, seen: () => void): () => void {
  let done = false;
  const once = (): void => {
    if (done || video.videoWidth === 0) return;
    done = true;
    video.removeEventListener('loadeddata', once);
    seen();
  };
  video.addEventListener('loadeddata', once);
  // Comes with the picture itself, often a little earlier; not in a hidden page, where the event must do.
  video.requestVideoFrameCallback?.(once);
  return () => {
    done = true;
    video.removeEventListener('loadeddata', once);
  };
}
