import type { ServerView } from '../server/server-view.ts';
import { type Excuse, FrameWatch } from './frame-watch.ts';
import { type Place, Places, type Running } from './places.ts';
import { RetryPace } from './retry-pace.ts';
import type { OpenSession } from './session.ts';
import { isShutOut, type ShownState, shownState } from './shown-state.ts';
import type { Failure, Way, WayChoice, WayChooser } from './way-chooser.ts';

/** No picture by then: this way doesn't work here (WebRTC 3 s is design.md's figure; a playlist needs longer). */
const patienceMs: Record<Way, number> = { webrtc: 3_000, hls: 6_000 };
/**
 * Pictures stand still this long: a new session. For WebRTC the old one is kept until the new one shows
 * something, so that asking early costs nothing; hls.js first recovers what it can by itself.
 */
const frozenMs: Record<Way, number> = { webrtc: 1_000, hls: 2_500 };
/** Pictures stand still this long: people are told. */
const sayFrozenMs = 1_500;
/** A camera that is back before this has passed was never away. */
const movingMs = 500;
/** Pictures that have moved this long show that a way works. */
const steadyMs = 20_000;

/**
 * Gets pictures and keeps them: decides when a session begins, by which way, when it is given up for a new
 * one, and what the page says meanwhile. It does nothing by itself: `step` is to be called about ten times a
 * second and after each change, and everything it knows of time and browser is handed in.
 */
export class Player {
  readonly #view: ServerView;
  readonly #chooser: WayChooser;
  readonly #open: OpenSession;
  readonly #nowMs: () => number;
  readonly #frames = new FrameWatch();
  readonly #pace = new RetryPace();
  readonly #places = new Places();
  #shown: ShownState = 'starting';
  #wasLive = false;
  #hadContact = false;
  /** Since this broadcast began. */
  #pictureSeen = false;
  /** The first try begins before the server has said whether it is live; there is no second such. */
  #guessed = false;
  #closed = false;
  #troubleSinceMs: number | null = null;
  #steadySinceMs: number | null = null;

  constructor(options: { view: ServerView; chooser: WayChooser; open: OpenSession; nowMs: () => number }) {
    this.#view = options.view;
    this.#chooser = options.chooser;
    this.#open = options.open;
    this.#nowMs = options.nowMs;
  }

  get shown(): ShownState {
    return this.#shown;
  }

  /** The way pictures come just now; null while none do. */
  get way(): Way | null {
    const { current } = this.#places;
    return current?.playing && (this.#shown === 'live' || this.#shown === 'retrying') ? current.way : null;
  }

  get choice(): WayChoice {
    return this.#chooser.choice;
  }

  choose(choice: WayChoice): void {
    this.#chooser.choose(choice);
    this.#pace.reset();
    this.#places.drop('candidate');
    const wanted = this.#chooser.held ?? choice;
    if (wanted !== 'auto' && this.#places.current?.way !== wanted) this.#places.drop('current');
    this.step();
  }

  /** Only this way will do just now (null: as chosen); back again, pictures play on until there are better ones. */
  hold(way: Way | null): void {
    if (way === this.#chooser.held) return;
    this.#chooser.hold(way);
    this.#pace.reset();
    this.#places.drop('candidate');
    if (way !== null && this.#places.current?.way !== way) this.#places.drop('current');
    this.step();
  }

  /**
   * This device's link takes key frames only: LL-HLS shows all pictures, later. WebRTC is tried again after a while.
   * @returns whether it changes over: not where a way was chosen by hand
   */
  giveUpWebrtc(): boolean {
    const nowMs = this.#nowMs();
    if (this.#places.current?.way !== 'webrtc') return false;
    this.#chooser.note('webrtc', 'narrow', nowMs);
    if (this.#chooser.next(nowMs) !== 'hls') return false;
    this.#places.drop('candidate');
    this.#places.drop('current');
    this.#begin('current', 'hls', nowMs);
    return true;
  }

  /** Something was settled with the server that lets in who was refused. */
  retry(): void {
    this.#pace.reset();
    this.#guessed = false;
    this.step();
  }

  /** Begins and ends a time in which nothing follows from pictures that stand still. */
  excuse(excuse: Excuse, holds: boolean): void {
    const nowMs = this.#nowMs();
    this.#frames.excuse(excuse, holds, nowMs);
    this.#waitFrom(nowMs);
  }

  /** Looks at everything again. `frames` is the count of pictures shown so far, where that is known. */
  step(frames?: number): void {
    const nowMs = this.#nowMs();
    if (frames !== undefined) this.#frames.note(frames, nowMs);
    if (!this.#closed) this.#act(nowMs);
    const { live } = this.#view;
    this.#shown = shownState({
      contact: this.#pace.isFull(nowMs) && live !== false ? 'full' : this.#view.contact(nowMs),
      silentMs: this.#view.silentMs(nowMs),
      live,
      broadcast: this.#view.broadcast(nowMs),
      picture: this.#picture(nowMs),
      moving: this.#places.current?.playing === true && this.#frames.moved(nowMs, movingMs),
      pictureSeen: this.#pictureSeen,
      previous: this.#shown,
    });
  }

  /** Leaves; `reopen` begins again. */
  close(): void {
    this.#closed = true;
    this.#places.dropAll();
  }

  reopen(): void {
    this.#closed = false;
    this.#pace.reset();
    this.step();
  }

  #act(nowMs: number): void {
    this.#noteChanges(nowMs);
    if (!this.#wanted(nowMs)) {
      this.#places.dropAll();
      if (this.#view.live === false) this.#pictureSeen = false;
      return;
    }
    this.#giveUpLate('candidate', nowMs);
    this.#giveUpLate('current', nowMs);
    this.#noteSteadiness(nowMs);
    const { current, candidate } = this.#places;
    if (candidate) {
      // The old session came back to life by itself: that is better than a new one.
      if (current?.way === 'webrtc' && !this.#isFrozen(nowMs)) this.#places.drop('candidate');
    } else if (!this.#pace.mayTry(nowMs)) {
      // Not yet.
    } else if (current === null) {
      this.#begin('current', this.#chooser.next(nowMs), nowMs);
    } else if (this.#isFrozen(nowMs)) {
      this.#recover(current, nowMs);
    } else if (current.way === 'hls' && current.playing && this.#chooser.mayReturn(nowMs)) {
      this.#begin('candidate', 'webrtc', nowMs);
    }
  }

  #noteChanges(nowMs: number): void {
    const live = this.#view.live === true;
    const contact = this.#view.contact(nowMs) === 'open';
    const nowLive = live && !this.#wasLive;
    if (nowLive || (contact && !this.#hadContact)) {
      this.#pace.reset();
      this.#troubleSinceMs = null;
    }
    // A session that was kept has a fair chance to show pictures again.
    if (nowLive) this.#waitFrom(nowMs);
    this.#wasLive = live;
    this.#hadContact = contact;
  }

  /** Whether there should be a session now. */
  #wanted(nowMs: number): boolean {
    const { live } = this.#view;
    const { current } = this.#places;
    const contact = this.#view.contact(nowMs);
    // Who is shut out is so at once; a full house keeps those who are in.
    if (contact === 'locked' || contact === 'removed') return false;
    if (current?.playing && !this.#isFrozen(nowMs) && live !== false) return true;
    if (isShutOut(contact)) return false;
    if (live === null) return !this.#guessed || current !== null;
    if (live) return contact === 'open' || current !== null;
    const broadcast = this.#view.broadcast(nowMs);
    // The camera warms up: a WebRTC session that stands by then shows its very first picture.
    if (broadcast === 'starting') return current !== null || this.#chooser.next(nowMs) === 'webrtc';
    // The camera is being brought back: RTP goes on in the same session, which is the quickest way back.
    return current?.playing === true && (broadcast === 'retrying' || broadcast === null);
  }

  #begin(place: Place, way: Way, nowMs: number): void {
    if (this.#view.live === null) this.#guessed = true;
    if (place === 'current') this.#troubleSinceMs ??= nowMs;
    const running: Running = { way, session: notYet, openedAtMs: nowMs, playing: false };
    this.#places.put(place, running);
    running.session = this.#open(way, place === 'candidate', {
      firstFrame: () => this.#firstFrame(running),
      failed: (failure, retryAfterMs) => this.#failed(running, failure, retryAfterMs),
    });
  }

  /** Pictures of the current session stand still though the server is live. */
  #recover(current: Running, nowMs: number): void {
    if (this.#view.live !== true || this.#view.contact(nowMs) !== 'open') return;
    if (this.#troubleSinceMs === null) {
      this.#troubleSinceMs = nowMs;
      this.#chooser.note(current.way, 'frozen', nowMs);
    }
    const way = this.#chooser.next(nowMs);
    if (way === 'webrtc' && current.way === 'webrtc') {
      this.#begin('candidate', way, nowMs);
    } else {
      this.#places.drop('current');
      this.#begin('current', way, nowMs);
    }
  }

  #firstFrame(running: Running): void {
    const place = this.#places.of(running);
    if (running.playing || place === null) return;
    running.playing = true;
    if (place === 'candidate') this.#places.promote();
    this.#pictureSeen = true;
    this.#pace.reset();
    this.#troubleSinceMs = null;
    this.#steadySinceMs = this.#nowMs();
    this.#frames.restart(this.#nowMs());
    this.step();
  }

  #failed(running: Running, failure: Failure, retryAfterMs?: number): void {
    const place = this.#places.of(running);
    if (place === null) return;
    const nowMs = this.#nowMs();
    this.#places.drop(place);
    if (place === 'candidate' && !this.#isFrozen(nowMs)) {
      // LL-HLS plays on; whatever was wrong with WebRTC, it is looked at again later.
      this.#chooser.note('webrtc', 'timeout', nowMs);
    } else {
      const decisionMs = this.#noteFailure(running.way, failure, nowMs);
      // The place that is missing may be the one that our own stalled session still holds.
      if (failure === 'full' && this.#places.current) this.#places.drop('current');
      else if (failure === 'full') this.#pace.waitForPlace(nowMs, retryAfterMs);
      this.#pace.fail(nowMs, { changesWay: this.#chooser.next(nowMs) !== running.way, decisionMs });
    }
    this.step();
  }

  /** Returns when WebRTC that is not to be had for the moment is given up for now. */
  #noteFailure(way: Way, failure: Failure, nowMs: number): number {
    this.#troubleSinceMs ??= nowMs;
    // Live, and for 3 s no WebRTC to be had: LL-HLS comes straight from the hub.
    const decisionMs = this.#troubleSinceMs + patienceMs.webrtc;
    this.#chooser.note(way, failure === 'unavailable' && nowMs >= decisionMs ? 'timeout' : failure, nowMs);
    return decisionMs;
  }

  #giveUpLate(place: Place, nowMs: number): void {
    const running = this.#places.at(place);
    if (running === null || running.playing || this.#frames.excused || this.#view.live === false) return;
    if (nowMs - running.openedAtMs >= patienceMs[running.way]) this.#failed(running, 'timeout');
  }

  #noteSteadiness(nowMs: number): void {
    const { current } = this.#places;
    if (this.#steadySinceMs === null || !current?.playing) return;
    if (this.#isFrozen(nowMs)) this.#steadySinceMs = nowMs;
    if (nowMs - this.#steadySinceMs < steadyMs) return;
    this.#steadySinceMs = null;
    this.#chooser.noteSteady(current.way);
  }

  #isFrozen(nowMs: number): boolean {
    const { current } = this.#places;
    return current?.playing === true && this.#frames.overdueMs(nowMs) >= frozenMs[current.way];
  }

  #picture(nowMs: number): 'none' | 'opening' | 'advancing' | 'frozen' {
    const { current } = this.#places;
    if (current === null) return 'none';
    if (!current.playing) return 'opening';
    return this.#frames.frozenMs(nowMs) >= sayFrozenMs ? 'frozen' : 'advancing';
  }

  /** Pictures could not be expected until now. */
  #waitFrom(nowMs: number): void {
    this.#frames.forgive(nowMs);
    this.#places.waitFrom(nowMs);
  }
}

/** Stands in until `OpenSession` has returned. */
const notYet = { show: () => {}, close: () => {} };
