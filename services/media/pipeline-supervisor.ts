import { EventEmitter } from 'node:events';
import type { MediaRequest, Reason } from '#core/domain/media.ts';
import { BackOff } from '#core/runtime/back-off.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { KeyFrameGate } from './key-frame-gate.ts';
import { idle, type MediaProgress, type MediaState } from './link-payloads.ts';
import { type ChildSource, PipelineLauncher } from './pipeline-launcher.ts';
import { type EncodedOutput, PipelineRun } from './pipeline-run.ts';
import { isPermanent } from './reasons.ts';
import { Experience } from './source/experience.ts';
import type { Machine } from './source/machine.ts';

interface SupervisorEvents {
  state: [MediaState];
  progress: [MediaProgress];
  fragment: [Uint8Array];
}

const progressIntervalMs = 500;
/** A pipeline that ran this long was well: the next failure is the first again. */
const wellAfterMs = 10_000;
const keyFrameIntervalMs = 250;

/** Equal but for what can change while the pipeline runs. */
function isSamePipeline(a: MediaRequest, b: MediaRequest): boolean {
  const fixed = ({ video, ...rest }: MediaRequest) => ({
    ...rest,
    rtp: null,
    video: { ...video, bitrateKbps: 0 },
  });
  return JSON.stringify(fixed(a)) === JSON.stringify(fixed(b));
}

/**
 * Keeps the pipeline that control wants running: starts it, notices when it stops delivering, starts it
 * again with a back-off of 0.25 s doubling to 10 s, and says at each step what is true.
 */
export class PipelineSupervisor extends EventEmitter<SupervisorEvents> {
  readonly #logger: Logger;
  readonly #experience: Experience;
  readonly #output: EncodedOutput;
  readonly #launcher: PipelineLauncher;
  readonly #backOff = new BackOff({ firstMs: 250, maxMs: 10_000 });
  readonly #keyFrames = new KeyFrameGate({
    minimumMs: keyFrameIntervalMs,
    onPass: () => this.#run?.forceKeyFrame(),
  });
  #state = idle;
  #wanted: MediaRequest | null = null;
  #rtp: MediaRequest['rtp'] = null;
  #run: PipelineRun | null = null;
  /** Whether what is wanted has ever delivered a frame. */
  #proven = false;
  /** What ran before a change that has yet to prove itself, and why one did not. */
  #fallback: MediaRequest | null = null;
  #refusal: Reason | null = null;
  #retry: NodeJS.Timeout | null = null;
  #progress: NodeJS.Timeout | null = null;

  constructor(options: { standby: ChildSource; machine: Machine; output: EncodedOutput; logger: Logger }) {
    super();
    this.#output = options.output;
    this.#logger = options.logger;
    this.#experience = new Experience(options);
    this.#launcher = new PipelineLauncher({ ...options, experience: this.#experience });
  }

  get state(): MediaState {
    return this.#state;
  }

  /** The initialisation segment of the pipeline that runs; null where none does. */
  get initFragment(): Uint8Array | null {
    return this.#run?.initFragment ?? null;
  }

  /** Goes on air with this, or changes over to it; always answered by a `state`. */
  async start(request: MediaRequest): Promise<void> {
    this.retarget(request.rtp);
    const launching = this.#launcher.request;
    if (launching && isSamePipeline(launching, request)) return; // its state follows
    if (this.#wanted && isSamePipeline(this.#wanted, request)) {
      if (this.#run) this.#cancel();
      this.#refusal = null;
      await this.setBitrate(request.video.bitrateKbps);
      return;
    }
    this.#experience.forget();
    await this.#begin(request);
  }

  stop(): void {
    this.#cancel();
    this.#endRun();
    this.#wanted = null;
    this.#fallback = null;
    this.#refusal = null;
    this.#backOff.reset();
    this.#output.bus.off();
    this.#say(idle);
  }

  close(): void {
    this.#cancel();
    this.#endRun();
    this.#keyFrames.close();
    this.removeAllListeners();
  }

  forceKeyFrame(): void {
    this.#keyFrames.request();
  }

  retarget(rtp: MediaRequest['rtp']): void {
    if (JSON.stringify(rtp) === JSON.stringify(this.#rtp)) return;
    this.#rtp = rtp;
    this.#run?.retarget(rtp);
  }

  /** Live where the encoder allows it, else by a new pipeline. */
  async setBitrate(bitrateKbps: number): Promise<void> {
    if (this.#wanted === null) return;
    const changes = this.#wanted.video.bitrateKbps !== bitrateKbps;
    const request = { ...this.#wanted, video: { ...this.#wanted.video, bitrateKbps } };
    if (changes && this.#run && !this.#run.setBitrate(bitrateKbps)) {
      await this.#begin(request);
      return;
    }
    this.#wanted = request;
    this.#say({ format: this.#run?.format ?? null, reason: this.#refusal ?? this.#retryReason });
  }

  get #retryReason(): Reason | null {
    return this.#state.state === 'retrying' ? this.#state.reason : null;
  }

  /** The first start, or a change over: what runs goes on until the new one is known to be possible. */
  async #begin(request: MediaRequest): Promise<void> {
    this.#cancel();
    if (this.#wanted === null) this.#say({ ...idle, state: 'starting' });
    const run = await this.#launcher.launch({ ...request, rtp: this.#rtp });
    if (run === null) return;
    if (!(run instanceof PipelineRun)) {
      this.#refuse(request, run);
      return;
    }
    this.#fallback = this.#run?.format ? this.#wanted : null;
    this.#refusal = null;
    this.#wanted = request;
    this.#proven = false;
    this.#backOff.reset();
    this.#play(run, 'starting', null);
  }

  #refuse(request: MediaRequest, reason: Reason): void {
    this.#logger.warn({ reason }, 'this request cannot be done');
    if (this.#run) this.#say({ reason });
    else if (this.#wanted) this.#retryLater(reason);
    else if (isPermanent(reason)) this.#say({ ...idle, state: 'refused', reason });
    else {
      this.#wanted = request;
      this.#proven = false;
      this.#retryLater(reason);
    }
  }

  async #relaunch(reason: Reason): Promise<void> {
    if (this.#wanted === null) return;
    const run = await this.#launcher.launch({ ...this.#wanted, rtp: this.#rtp });
    if (run instanceof PipelineRun) this.#play(run, 'retrying', reason);
    else if (run !== null) this.#retryLater(run);
  }

  #play(run: PipelineRun, state: 'starting' | 'retrying', reason: Reason | null): void {
    this.#endRun();
    this.#run = run;
    run.on('fragment', (message) => this.emit('fragment', message));
    run.on('running', () => this.#running(run));
    run.on('ended', (endReason) => this.#ended(run, endReason));
    run.retarget(this.#rtp);
    this.#say({ state, pipelineId: run.id, reason, format: null, attempt: this.#backOff.attempt });
    run.play();
    this.#progress = setInterval(() => {
      this.emit('progress', { pipelineId: run.id, ...run.progress });
    }, progressIntervalMs);
  }

  #running(run: PipelineRun): void {
    this.#proven = true;
    this.#fallback = null;
    this.#logger.info({ pipelineId: run.id, child: run.pid, format: run.format }, 'pictures flow');
    if (run.plan.sound.kind === 'none' || !run.format?.audio) this.#logger.info('there is no sound');
    this.#say({ state: 'running', format: run.format, reason: this.#refusal });
  }

  #ended(run: PipelineRun, reason: Reason): void {
    const wasWell = run.ageMs >= wellAfterMs;
    this.#endRun();
    this.#logger.warn({ pipelineId: run.id, reason }, 'the pipeline ended');
    if (wasWell) this.#backOff.reset();
    this.#experience.learn(run.plan, reason, !wasWell);
    if (this.#proven || reason.code === 'audio-unavailable') this.#retryLater(reason);
    else if (this.#fallback) {
      this.#wanted = this.#fallback;
      this.#fallback = null;
      this.#refusal = reason;
      this.#retryLater(reason);
    } else if (isPermanent(reason)) {
      this.#wanted = null;
      this.#say({ ...idle, state: 'refused', reason });
    } else this.#retryLater(reason);
  }

  #retryLater(reason: Reason): void {
    const delayMs = this.#backOff.next();
    this.#say({ state: 'retrying', reason, format: null, attempt: this.#backOff.attempt });
    this.#retry = setTimeout(() => void this.#relaunch(reason), delayMs);
  }

  /** Ends whatever was about to start. */
  #cancel(): void {
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    this.#launcher.cancel();
  }

  #endRun(): void {
    if (this.#progress) clearInterval(this.#progress);
    this.#progress = null;
    this.#run?.removeAllListeners();
    this.#run?.close();
    this.#run = null;
  }

  #say(change: Partial<MediaState>): void {
    this.#state = { ...this.#state, ...change };
    this.emit('state', this.#state);
  }
}
