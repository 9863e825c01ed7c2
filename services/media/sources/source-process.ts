import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { CameraControlName, CameraControls } from '#core/domain/camera.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import { withoutSecrets } from '#core/domain/media.ts';
import type { Overlay } from '#core/domain/overlay.ts';
import { picturesWithinMs } from '#core/domain/picture-time.ts';
import type { Problem } from '#core/domain/problem.ts';
import { BackOff, wellAfterMs } from '#core/runtime/back-off.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { type Child, loadDeadlineMs } from '../child-process.ts';
import { whenIdle } from '../process-idle.ts';
import { ReasonError } from '../reason-error.ts';
import { isPermanent, reasonOf, reasonOfError, reasonOfFailure } from '../reasons.ts';
import type { FromSource, SourceAddress, SourcePlan, SourceState } from './contract.ts';
import { sourceName } from './resolve.ts';

/** Where child processes come from: a fresh one for each start. */
export interface ChildSource<Kind extends 'source' | 'encoder'> {
  take(): Child<Kind>;
  /** What waits to be taken has to learn of devices that came. */
  renew?(): void;
}

export interface SourceWish {
  /** What media calls it; not the public id. */
  id: string;
  /** Looks again at each start: a camera may have come back under another name. @throws ReasonError */
  resolve: () => Promise<SourceAddress>;
  video: SourcePlan['video'];
  sound: boolean;
}

interface SourceProcessOptions extends SourceWish {
  children: ChildSource<'source'>;
  /** For its socket and its pictures; in memory. */
  folder: string;
  logger: Logger;
}

/** A source whose code is loaded must say how it is within this time of its last sign of life. */
const startDeadlineMs = 15_000;
/** One that works and gives no picture is waited for. */
const slowForMs = 8_000;
/** Likewise one that starts, this many times as long as its deadline. */
const startPatience = 4;
/** Clock, text and logo change seldom: their process says each second that it is well. */
const overlaySilenceMs = 3_500;
let lastNumber = 0;

/** One source on the side of media: its process, started again with a back-off of 0.25 to 2 s for as long as it is wanted. */
export class SourceProcess {
  readonly events = new EventHub<{ changed: undefined }>();
  readonly id: string;
  readonly video: SourcePlan['video'];
  readonly #options: SourceProcessOptions;
  readonly #backOff = new BackOff({ firstMs: 250, maxMs: 2_000 });
  #child: Child<'source'> | null = null;
  #plan: SourcePlan | null = null;
  #address: SourceAddress | null = null;
  #state: SourceState | null = null;
  #reason: Problem | null = null;
  #played = false;
  #playingSinceMs = 0;
  #use: 'off' | 'warm' | 'on-air' = 'warm';
  #controls: CameraControls = {};
  #refused: readonly CameraControlName[] = [];
  #timer: NodeJS.Timeout | null = null;
  #cancelGrace: () => void = () => {};
  #closed = false;

  constructor(options: SourceProcessOptions) {
    this.id = options.id;
    this.video = options.video;
    this.#options = options;
  }

  /** Where its frames are handed over; null where no process runs. */
  get socketPath(): string | null {
    return this.#plan?.socketPath ?? null;
  }

  /** What it turned out to be; null before it was looked for. */
  get address(): SourceAddress | null {
    return this.#address;
  }

  /** What it says of itself; null while it starts, or is down. */
  get state(): SourceState | null {
    return this.#state;
  }

  /** Why it does not play; null while it does. */
  get reason(): Problem | null {
    return this.#reason;
  }

  /** Failures in a row. */
  get attempt(): number {
    return this.#backOff.attempt;
  }

  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Whether it has ever played. */
  get played(): boolean {
    return this.#played;
  }

  async start(): Promise<void> {
    this.#clearTimer();
    let address: SourceAddress;
    try {
      address = await this.#options.resolve();
    } catch (error) {
      if (!(error instanceof ReasonError)) throw error;
      if (!this.#closed && this.#child === null) this.#fail(error.reason);
      return;
    }
    if (this.#closed || this.#child !== null) return;
    this.#address = address;
    this.#launch(address);
  }

  /**
   * The encoder gets its pictures, or has had none for a second. A source that was well and is silent is started again, unless it
   * works and is only slow. One whose publisher stalls loses nothing by that.
   */
  setFresh(fresh: boolean): void {
    this.#cancelGrace();
    if (fresh || this.#state?.state !== 'playing') return;
    const lastAtMs = performance.now() - picturesWithinMs;
    this.#cancelGrace = whenIdle(this.pid, { atMostMs: slowForMs }, () => {
      if (!this.#closed && this.#child !== null) this.#fail(this.silence(performance.now() - lastAtMs));
    });
  }

  /** Something changed that may help: try at once. */
  retry(): void {
    if (this.#child === null && !this.#closed) void this.start();
  }

  setUse(use: 'off' | 'warm' | 'on-air'): void {
    if (use === this.#use) return;
    this.#use = use;
    this.#child?.send({ type: 'use', use });
  }

  /** What is set of this camera, now and at each start. */
  setControls(controls: CameraControls): void {
    if (JSON.stringify(controls) === JSON.stringify(this.#controls)) return;
    this.#controls = controls;
    this.#child?.send({ type: 'controls', controls });
  }

  /** What the camera did not take of its controls. */
  get refused(): readonly CameraControlName[] {
    return this.#refused;
  }

  /** The process goes on; one that is started later gets it by its address. */
  setOverlay(overlay: Overlay): void {
    this.#child?.send({ type: 'overlay', overlay });
  }

  close(): void {
    this.#closed = true;
    this.#clearTimer();
    this.#end();
    this.events.close();
  }

  #launch(address: SourceAddress): void {
    const { id, video, sound, folder, children } = this.#options;
    lastNumber += 1;
    const base = join(folder, String(lastNumber));
    const plan: SourcePlan = {
      id,
      address,
      video,
      sound,
      attempt: this.#backOff.attempt,
      socketPath: `${base}.sock`,
      framesPath: `${base}.frames`,
    };
    const child = children.take();
    this.#child = child;
    this.#plan = plan;
    child.events.on('message', (message) => this.#receive(message));
    child.events.on('gstreamerError', (error) => {
      const playing = this.#state?.state === 'playing';
      if (address.kind === 'file' || address.kind === 'image') {
        // One of a clip that plays may be overcome, else pictures stop.
        const code = address.kind === 'file' ? 'clip-unreadable' : 'slate-unreadable';
        if (!playing) this.#fail(reasonOf(code, error.message));
      } else if (address.kind === 'overlay') this.#fail(reasonOf('overlay-failed', error.message));
      else this.#fail(reasonOfError(error, sourceName(address)));
    });
    child.events.on('died', (how) => this.#fail(reasonOf('source-died', how)));
    child.send({ type: 'start', plan });
    child.send({ type: 'use', use: this.#use });
    child.send({ type: 'controls', controls: this.#controls });
    this.#failAfter(child.warm === false ? loadDeadlineMs : startDeadlineMs);
    this.events.emit('changed');
  }

  /** That it delivers nothing, in words that fit its kind. */
  silence(ms: number): Problem {
    const said = `${(ms / 1_000).toFixed(1)} s`;
    switch (this.#address?.kind) {
      case 'file':
        return reasonOf('clip-stalled', said);
      case 'overlay':
        return reasonOf('overlay-failed', `their process was silent for ${said}`);
      case 'v4l2':
      case 'csi':
        return reasonOf('no-frames', said);
      case 'rtmp':
      case 'srt':
      case 'whip':
        if (this.#state?.state !== 'playing')
          return reasonOf('no-publisher', this.#address.kind.toUpperCase());
        return reasonOf('source-silent', said);
      default:
        return reasonOf('source-silent', said);
    }
  }

  #failAfter(ms: number): void {
    this.#clearTimer();
    const beganAtMs = performance.now();
    const fail = () => this.#fail(this.silence(performance.now() - beganAtMs));
    this.#timer = setTimeout(() => {
      this.#cancelGrace = whenIdle(this.pid, { atMostMs: (startPatience - 1) * ms }, fail);
    }, ms);
  }

  /** Pictures of others are missed by the encoder. */
  #expectLife(): void {
    if (this.#address?.kind === 'overlay' && this.#state?.state === 'playing')
      this.#failAfter(overlaySilenceMs);
  }

  #receive(message: FromSource): void {
    if (this.#child === null) return;
    if (message.type === 'warm') {
      if (this.#state === null) this.#failAfter(startDeadlineMs);
      return;
    }
    if (message.type === 'alive') {
      this.#expectLife();
      return;
    }
    if (message.type === 'controls-refused') {
      this.#refuse(message.refused);
      return;
    }
    if (message.type !== 'state') return;
    const { type: _, ...state } = message;
    if (state.state === 'failed') {
      this.#fail(state.reason ?? reasonOfFailure('it failed'));
      return;
    }
    this.#clearTimer();
    this.#state = state;
    this.#reason = state.reason;
    if (state.state === 'playing') {
      this.#played = true;
      this.#playingSinceMs = performance.now();
    }
    this.#expectLife();
    this.events.emit('changed');
  }

  #refuse(refused: readonly CameraControlName[]): void {
    if (refused.join() === this.#refused.join()) return;
    this.#refused = refused;
    const source = withoutSecrets(this.id);
    if (refused.length > 0) this.#options.logger.warn({ source, refused }, 'a camera refused its controls');
    this.events.emit('changed');
  }

  #fail(reason: Problem): void {
    if (this.#closed) return;
    const wasWell =
      this.#state?.state === 'playing' && performance.now() - this.#playingSinceMs > wellAfterMs;
    this.#options.logger.warn(
      { source: withoutSecrets(this.id), child: this.pid, reason },
      'a source failed',
    );
    this.#end();
    this.#reason = reason;
    if (wasWell) this.#backOff.reset();
    const delayMs = this.#backOff.next();
    if (this.#played || !isPermanent(reason)) this.#timer = setTimeout(() => void this.start(), delayMs);
    this.events.emit('changed');
  }

  #end(): void {
    this.#clearTimer();
    this.#child?.close();
    this.#child = null;
    this.#state = null;
    this.#refused = [];
    for (const path of [this.#plan?.socketPath, this.#plan?.framesPath]) {
      if (path) rmSync(path, { force: true });
    }
    this.#plan = null;
  }

  #clearTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#cancelGrace();
  }
}
