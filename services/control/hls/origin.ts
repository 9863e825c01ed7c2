import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import { pathFor } from '#core/protocol/endpoint.ts';
import { getHls } from '#core/protocol/endpoints/watching.ts';
import type { Fragment } from '#core/protocol/fragment.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { systemClock } from '#core/runtime/system-clock.ts';
import { problemOf, sendProblem } from '../http/problem.ts';
import { BlockedRequests } from './blocked-requests.ts';
import type { HlsSettings } from './hls-settings.ts';
import { sendMedia } from './media-answer.ts';
import { MediaSequence, type SequenceStore } from './media-sequence.ts';
import { MediaStore } from './media-store.ts';
import { renderMultivariant, renderPlaylist } from './playlist.ts';
import { PlaylistVersion } from './playlist-answer.ts';
import { gone, methodNotAllowed, offAir, restarting } from './refusals.ts';
import {
  asksForDelta,
  isSatisfied,
  parseReloadDirectives,
  type ReloadDirectives,
} from './reload-directives.ts';
import { SegmentWindow } from './segment-window.ts';
import { Segmenter } from './segmenter.ts';

/** What can be seen and rewound to now. */
export interface HlsReach {
  firstSequence: number;
  lastSequence: number;
  /** When its first and its last picture were captured, milliseconds since the epoch. */
  fromMs: number;
  toMs: number;
  durationSeconds: number;
}

const basePath = pathFor(getHls, { file: '' });
/** The multivariant playlist, and the media playlist that it names. */
const multivariantName = 'live.m3u8';
const playlistName = 'media.m3u8';

/**
 * The LL-HLS origin (draft-pantos-hls-rfc8216bis): takes media's fragments, serves `/hls/live.m3u8`, `/hls/media.m3u8` and
 * what that names. Between `begin` and `end` players follow a live playlist, across pipelines and lost fragments; after
 * `end` it says EXT-X-ENDLIST for as long as it is, then there is nothing: 404.
 */
export class HlsOrigin {
  /** `keyFrameWanted`: players wait for one, to begin with or for a first segment; ask media. */
  readonly events = new EventHub<{ keyFrameWanted: null }>();
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #store = new MediaStore();
  readonly #window: SegmentWindow;
  readonly #segmenter: Segmenter;
  readonly #blocked: BlockedRequests;
  #settings: HlsSettings;
  #cacheScope: 'public' | 'private' = 'public';
  #state: 'offline' | 'live' | 'ended' = 'offline';
  /** Rendered for all until the next part comes. */
  #rendered: { full?: PlaylistVersion; delta?: PlaylistVersion; multivariant?: PlaylistVersion } = {};
  #advancedAtMs: number | null = null;
  #cancelExpiry: (() => void) | null = null;

  constructor(options: { settings: HlsSettings; sequence: SequenceStore; logger: Logger; clock?: Clock }) {
    this.#settings = options.settings;
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
    this.#window = new SegmentWindow({ store: this.#store, settings: options.settings });
    this.#segmenter = new Segmenter({
      window: this.#window,
      mediaSequence: new MediaSequence({
        store: options.sequence,
        nowMs: () => this.#clock.nowMs(),
        logger: options.logger,
      }),
      settings: options.settings,
      logger: options.logger,
    });
    this.#blocked = new BlockedRequests(this.#clock);
  }

  /** When a part last got into the playlist of this broadcast, by `Clock.monotonicMs`; null before the first. */
  get advancedAtMs(): number | null {
    return this.#advancedAtMs;
  }

  /** How far the window reaches; null while a player would get nothing. */
  get reach(): HlsReach | null {
    const { segments, growing, durationSeconds } = this.#window;
    const first = segments[0] ?? growing;
    const last = growing ?? segments.at(-1);
    if (!first || !last) return null;
    return {
      firstSequence: first.sequence,
      lastSequence: last.sequence,
      fromMs: first.capturedAtMs,
      toMs: last.capturedAtMs + last.durationSeconds * 1000,
      durationSeconds,
    };
  }

  /** Requests that wait for what comes next. */
  get waiting(): number {
    return this.#blocked.count;
  }

  /** A broadcast begins: from here on fragments count, and players that come early wait for the first. */
  begin(): void {
    if (this.#state === 'live') return;
    this.#cancelExpiry?.();
    this.#cancelExpiry = null;
    this.#state = 'live';
    this.#window.retire();
    this.#segmenter.interrupt();
    this.#rendered = {};
    this.#advancedAtMs = null;
  }

  /** The broadcast is over: players learn that it has ended, and may see their last seconds in peace. */
  end(): void {
    if (this.#state !== 'live') return;
    this.#window.complete();
    this.#advancedAtMs = null;
    this.#state = this.#window.isEmpty ? 'offline' : 'ended';
    this.#rendered = {};
    this.#blocked.wake();
    this.#blocked.giveUpAll(offAir());
    if (this.#state === 'ended') this.#expireLater();
  }

  /** A fragment from media; one that is of no use (late, no key frame yet) is dropped. */
  accept(fragment: Fragment): void {
    const { header, bytes } = fragment;
    if (header.kind === 'init') {
      this.#segmenter.takeInit({ header, bytes });
      return;
    }
    if (this.#state !== 'live') return;
    const taken = this.#segmenter.takePart({ header, bytes });
    if (this.#segmenter.awaitsKeyFrame) this.events.emit('keyFrameWanted', null);
    if (!taken) return;
    this.#advancedAtMs = this.#clock.monotonicMs();
    this.#rendered = {};
    this.#blocked.wake();
  }

  /** Other settings; `partMs` counts from the next pipeline on. */
  reconfigure(settings: HlsSettings): void {
    this.#settings = settings;
    this.#segmenter.reconfigure(settings);
    this.#window.reconfigure(settings);
    this.#rendered = {};
  }

  /** Whether caches between the box and its players may keep and share media: not where watching takes a PIN. */
  shareCaches(shared: boolean): void {
    this.#cacheScope = shared ? 'public' : 'private';
  }

  /**
   * Answers `GET` and `HEAD` of `/hls/…`, at once or when what was asked for is there. Sets no CORS headers.
   * Errors are problem+json: 400 directives that make no sense, 404 offline or gone, 405, 416,
   * 503 too many waiting or nothing new for more than three target durations.
   */
  handle(request: IncomingMessage, response: ServerResponse, pathname: string, query: URLSearchParams): void {
    if (response.destroyed) return; // its client went away while somebody looked whether it may watch
    this.#guarded(response, () => {
      if (request.method !== 'GET' && request.method !== 'HEAD') throw methodNotAllowed(request.method ?? '');
      const name = pathname.startsWith(basePath) ? pathname.slice(basePath.length) : '';
      if (name === multivariantName) this.#answerMultivariant(request, response);
      else if (name === playlistName)
        this.#answerPlaylist(request, response, parseReloadDirectives(query), asksForDelta(query));
      else this.#answerMedia(request, response, name);
    });
  }

  close(): void {
    this.#cancelExpiry?.();
    this.#cancelExpiry = null;
    this.#state = 'offline';
    this.#rendered = {};
    // Not 404: players try again after a 503, and after a restart there is a playlist for them.
    this.#blocked.giveUpAll(restarting());
    this.#window.clear();
  }

  #answerPlaylist(
    request: IncomingMessage,
    response: ServerResponse,
    directives: ReloadDirectives | null,
    delta: boolean,
  ): void {
    if (this.#state === 'offline') throw offAir();
    this.#answerOrBlock(response, () => {
      if (!this.#hasPlaylist(directives)) return false;
      const blocking = directives !== null && this.#state === 'live';
      // Asked for once by each player, and right for all who ask the same: a cache between may answer for a while.
      const maxAgeSeconds = 6 * this.#window.targetDurationSeconds;
      const cacheControl = blocking ? `${this.#cacheScope}, max-age=${maxAgeSeconds}` : 'no-cache';
      this.#currentPlaylist(delta).send(request, response, cacheControl);
      return true;
    });
  }

  #answerMultivariant(request: IncomingMessage, response: ServerResponse): void {
    if (this.#state === 'offline') throw offAir();
    this.#answerOrBlock(response, () => {
      if (!this.#hasPlaylist(null)) return false;
      const { framesPerSecond } = this.#settings;
      this.#rendered.multivariant ??= new PlaylistVersion(
        renderMultivariant(this.#window, { uri: playlistName, framesPerSecond }),
      );
      this.#rendered.multivariant.send(request, response, 'no-cache');
      return true;
    });
  }

  #hasPlaylist(directives: ReloadDirectives | null): boolean {
    // Players take a playlist without a whole segment for a broken one: ffmpeg and hlsdemux, but hls.js as well.
    if (this.#window.segments.length === 0) return false;
    if (this.#state === 'ended') return true;
    return directives === null || isSatisfied(directives, this.#window);
  }

  #answerMedia(request: IncomingMessage, response: ServerResponse, name: string): void {
    this.#answerOrBlock(response, () => {
      const resource = this.#store.get(name);
      if (resource) {
        const maxAgeSeconds = 2 * this.#settings.windowSeconds;
        sendMedia(request, response, resource, { cacheScope: this.#cacheScope, maxAgeSeconds });
        return true;
      }
      if (this.#state === 'live' && name === this.#segmenter.nextPartName) return false;
      throw gone();
    });
  }

  /** @param attempt answers and returns true, or false to be asked again when something has changed */
  #answerOrBlock(response: ServerResponse, attempt: () => boolean): void {
    if (attempt()) return;
    this.#blocked.add(response, {
      attempt: () => this.#guarded(response, attempt) ?? true,
      giveUp: (error) => sendProblem(response, problemOf(error, this.#logger)),
      targetDurationSeconds: this.#window.targetDurationSeconds,
    });
  }

  /** Runs `answer`; what it throws becomes the answer. */
  #guarded<Result>(response: ServerResponse, answer: () => Result): Result | null {
    try {
      return answer();
    } catch (error) {
      sendProblem(response, problemOf(error, this.#logger));
      return null;
    }
  }

  #currentPlaylist(delta: boolean): PlaylistVersion {
    const hint = this.#state === 'live' ? this.#segmenter.nextPartName : null;
    const kind = delta ? 'delta' : 'full';
    this.#rendered[kind] ??= new PlaylistVersion(renderPlaylist(this.#window, { hint, delta }));
    return this.#rendered[kind];
  }

  /** The ended playlist goes after as long as it is, its media after as long again (rfc8216bis 6.2.1). */
  #expireLater(): void {
    const lengthMs = this.#window.durationSeconds * 1000;
    this.#cancelExpiry = this.#clock.after(lengthMs, () => {
      this.#state = 'offline';
      this.#window.retire();
      this.#cancelExpiry = this.#clock.after(lengthMs, () => this.#window.clear());
    });
  }
}
