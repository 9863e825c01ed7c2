import { pathFor } from '#core/protocol/endpoint.ts';
import { getHls } from '#core/protocol/endpoints/watching.ts';
import { delaySinceCapture } from '../player/delay-estimate.ts';
import type { Session, SessionListener } from '../player/session.ts';
import { targetPositionSec } from '../room/drift.ts';
import { LiveKeeper } from './live-keeper.ts';
import type { Measure, MeasuringSession } from './measure.ts';
import { onFirstFrame, type Screen } from './screen.ts';
import { type Aim, StepKeeper } from './step-keeper.ts';

/** hls.js needs nothing that the multivariant playlist says, and one request less shows the picture sooner. */
const mediaPlaylist = 'media.m3u8';
const multivariantPlaylist = 'live.m3u8';
/** As far back as the recording of this broadcast reaches; its newest is some seconds old. */
const replayPlaylist = 'replay.m3u8';
/** From further back than what the live playlist keeps, less this, the recording is shown. */
const liveMarginSec = 4;
/** Nearer than this the live playlist is shown again: the recording's newest is not far. */
const replayEndSec = 11;
/** What the live playlist keeps, until that is known. */
const usualWindowSec = 20;
const switchMs = 250;
/** How often a browser's own player is kept in step. */
const stepMs = 100;
const nativeType = 'application/vnd.apple.mpegurl';

/** What is lost because the hub restarts is there again in a second: asked for sooner than hls.js would. */
const loadPolicy = {
  default: {
    maxTimeToFirstByteMs: 8_000,
    maxLoadTimeMs: 20_000,
    timeoutRetry: { maxNumRetry: 2, retryDelayMs: 0, maxRetryDelayMs: 0 },
    errorRetry: { maxNumRetry: 8, retryDelayMs: 250, maxRetryDelayMs: 2_000 },
  },
};

/** How hls.js is to play; the hold-back, and with it the delay, is the server's to say. */
const settings = {
  lowLatencyMode: true,
  // The worker would be a script from a blob:, which the page's security policy need not allow.
  enableWorker: false,
  // One hiccup must not cost a second of delay for good.
  liveSyncOnStallIncrease: 0.1,
  backBufferLength: 30,
  maxBufferLength: 10,
  playlistLoadPolicy: loadPolicy,
  fragLoadPolicy: loadPolicy,
};

/** What of hls.js this page uses. */
type HlsLibrary = typeof import('hls.js/light')['default'];
type HlsPlayer = InstanceType<HlsLibrary>;

function hasMediaSource(): boolean {
  return 'MediaSource' in window || 'ManagedMediaSource' in window;
}

function playsNatively(): boolean {
  return document.createElement('video').canPlayType(nativeType) !== '';
}

/** Apple's own player keeps low latency, and spares the battery; others call themselves able and are far behind. */
function prefersNative(): boolean {
  return navigator.vendor.startsWith('Apple') && playsNatively();
}

export function supportsHls(): boolean {
  return hasMediaSource() || playsNatively();
}

interface Options {
  screen: Screen;
  /** Where to be, where that isn't live. */
  aim: Aim;
  /** Whether the box has a recording to go back to (`stream.replayFrom`). */
  hasReplay?: () => boolean;
  /** An operator looks, who is not a viewer. */
  preview?: boolean;
  listener: SessionListener;
  /** The player is fetched meanwhile, and asks for the stream then. */
  sendWhen: Promise<void>;
}

/** Begins to watch over LL-HLS: with hls.js, which is fetched only now, or with what the browser has built in. */
export function openHls(options: Options): Session & MeasuringSession {
  return new HlsSession(options);
}

class HlsSession implements Session, MeasuringSession {
  readonly #screen: Screen;
  readonly #listener: SessionListener;
  readonly #folder: string;
  readonly #forgetFirstFrame: () => void;
  readonly #steps: StepKeeper;
  readonly #aim: Aim;
  readonly #hasReplay: () => boolean;
  readonly #switchTimer: ReturnType<typeof setInterval>;
  #library: HlsLibrary | null = null;
  #inReplay: boolean;
  #stepTimer: ReturnType<typeof setInterval> | undefined;
  #player: HlsPlayer | null = null;
  #keeper: LiveKeeper | null = null;
  #sound: boolean | null = null;
  #before: { frames: number; atMs: number } | null = null;
  #shown = false;
  #closed = false;

  constructor({ screen, aim, hasReplay = () => false, preview = false, listener, sendWhen }: Options) {
    this.#screen = screen;
    this.#listener = listener;
    this.#folder = preview ? pathFor(getHls, { file: 'preview/' }) : pathFor(getHls, { file: '' });
    const timeline = { dateMs: () => this.#shownDateMs(), range: () => this.#range() };
    this.#steps = new StepKeeper({ screen, timeline, aim, nowMs: () => performance.now() });
    this.#aim = aim;
    this.#hasReplay = hasReplay;
    this.#inReplay = this.#wantsReplay(usualWindowSec - liveMarginSec);
    this.#switchTimer = setInterval(() => this.#switch(), switchMs);
    screen.clear();
    this.#forgetFirstFrame = onFirstFrame(screen.video, () => {
      if (this.#closed) return;
      this.#shown = true;
      this.#keeper?.start();
      listener.firstFrame();
    });
    if (prefersNative() || !hasMediaSource()) void sendWhen.then(() => this.#playNatively());
    else void this.#playWithLibrary(sendWhen);
  }

  show(): void {
    // It always begins on the picture element itself.
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#forgetFirstFrame();
    const { video } = this.#screen;
    clearInterval(this.#stepTimer);
    clearInterval(this.#switchTimer);
    this.#screen.hold(false);
    video.removeEventListener('error', this.#nativeError);
    this.#end();
    video.removeAttribute('src');
    video.load();
  }

  async measure(serverNowMs: number | null): Promise<Measure> {
    const now = { frames: this.#screen.frames, atMs: performance.now() };
    const before = this.#before;
    this.#before = now;
    const shownMs = this.#shownDateMs();
    return {
      framesPerSecond: before && ((now.frames - before.frames) * 1000) / (now.atMs - before.atMs),
      bitrateKbps: null,
      bandwidthKbps: this.#player && this.#player.bandwidthEstimate / 1000,
      sound: this.#sound,
      delay: delaySinceCapture(shownMs, serverNowMs),
    };
  }

  windowSeconds(): number | null {
    const range = this.#range();
    return range && range.end - range.start;
  }

  /** When the picture on the screen was taken (EXT-X-PROGRAM-DATE-TIME), milliseconds since the epoch. */
  #shownDateMs(): number | null {
    if (this.#player) return this.#player.playingDate?.getTime() ?? null;
    const { video } = this.#screen;
    const startMs = (video as HTMLVideoElement & { getStartDate?(): Date }).getStartDate?.().getTime();
    return startMs === undefined || Number.isNaN(startMs) ? null : startMs + video.currentTime * 1000;
  }

  /** What can be played, by the element's clock. */
  #range(): { start: number; end: number } | null {
    const { seekable } = this.#screen.video;
    if (seekable.length === 0) return null;
    const details = this.#player?.latestLevelDetails;
    return {
      start: details?.fragments[0]?.start ?? seekable.start(0),
      end: details?.edge ?? seekable.end(seekable.length - 1),
    };
  }

  async #playWithLibrary(sendWhen: Promise<void>): Promise<void> {
    const library = await import('hls.js/light').catch(() => null);
    await sendWhen;
    if (this.#closed) return;
    if (library === null) this.#listener.failed('network');
    else if (!library.default.isSupported()) this.#playNatively();
    else this.#begin(library.default);
  }

  #wantsReplay(beyondSec: number): boolean {
    const { aim } = this.#aim;
    const nowMs = this.#aim.serverNowMs();
    if (aim === null || nowMs === null || !this.#hasReplay()) return false;
    return nowMs / 1000 - targetPositionSec(aim, nowMs) > beyondSec;
  }

  /** Between what is live and what was recorded, as far back as one wants to be. */
  #switch(): void {
    const liveSec = Math.max((this.windowSeconds() ?? usualWindowSec) - liveMarginSec, replayEndSec + 1);
    const wanted = this.#wantsReplay(this.#inReplay ? replayEndSec : liveSec);
    if (wanted === this.#inReplay) return;
    this.#inReplay = wanted;
    if (this.#library) this.#beginAgain(this.#library);
    else if (this.#screen.video.src !== '') this.#screen.video.src = this.#nativeSource;
  }

  get #nativeSource(): string {
    return this.#folder + (this.#inReplay ? replayPlaylist : multivariantPlaylist);
  }

  #begin(Hls: HlsLibrary): void {
    this.#library = Hls;
    const player = new Hls(settings);
    this.#player = player;
    this.#keeper = new LiveKeeper(this.#screen, player, this.#steps);
    let lastSegment: number | null = null;
    player.on(Hls.Events.MANIFEST_PARSED, () => void this.#screen.play());
    player.on(Hls.Events.BUFFER_CREATED, (_, { tracks }) => {
      this.#sound = 'audio' in tracks || 'audiovideo' in tracks;
    });
    player.on(Hls.Events.LEVEL_UPDATED, (_, { details }) => {
      // The hub has restarted, or this device slept: nothing of what was known is left, and hls.js would wait
      // for ever where it was.
      const torn = lastSegment !== null && details.startSN > lastSegment;
      lastSegment = details.endSN;
      if (torn) this.#beginAgain(Hls);
    });
    player.on(Hls.Events.ERROR, (_, { fatal, type, response }) => {
      if (!fatal || this.#player !== player) return;
      if (type !== Hls.ErrorTypes.NETWORK_ERROR) this.#listener.failed('lost');
      else this.#listener.failed(response?.code ? 'unavailable' : 'network');
    });
    player.loadSource(this.#folder + (this.#inReplay ? replayPlaylist : mediaPlaylist));
    player.attachMedia(this.#screen.video);
    if (this.#shown) this.#keeper.start();
  }

  #beginAgain(Hls: HlsLibrary): void {
    this.#end();
    this.#begin(Hls);
  }

  #end(): void {
    this.#keeper?.close();
    this.#keeper = null;
    this.#player?.destroy();
    this.#player = null;
  }

  #playNatively(): void {
    if (this.#closed) return;
    const { video } = this.#screen;
    video.addEventListener('error', this.#nativeError);
    video.src = this.#nativeSource;
    this.#stepTimer = setInterval(() => this.#steps.look(), stepMs);
    void this.#screen.play();
  }

  readonly #nativeError = (): void => {
    if (this.#closed) return;
    if (this.#shown || !hasMediaSource()) {
      this.#listener.failed('unavailable');
      return;
    }
    // It says that it can, and can't: then as everywhere else.
    clearInterval(this.#stepTimer);
    this.#screen.video.removeEventListener('error', this.#nativeError);
    void this.#playWithLibrary(Promise.resolve());
  };
}
