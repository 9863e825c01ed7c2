import { EventEmitter } from 'node:events';
import type { MediaRequest, Reason } from '#core/domain/media.ts';
import type { RtpStreams } from '#core/protocol/link.ts';
import { BackOff } from '#core/runtime/back-off.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { ReasonError } from '../reason-error.ts';
import { isPermanent } from '../reasons.ts';
import type { Machine } from '../sources/machine.ts';
import { resolveEncoder } from '../sources/resolve.ts';
import type { ChildSource } from '../sources/source-process.ts';
import { Experience } from './experience.ts';
import { type EncodedOutput, PipelineRun } from './pipeline-run.ts';
import type { PipelinePlan } from './plan.ts';
import { StreamIds } from './stream-ids.ts';

/** What an encoder is made from, before its choices are made. */
export interface EncoderWish {
  choice: MediaRequest['video']['encoder'];
  video: PipelinePlan['video'];
  sound: boolean;
  audioBitrateKbps: number;
  partMs: number;
  baseMonotonicMs: number;
}

interface KeeperEvents {
  /** Another run, or none; its first frame; a reason. */
  changed: [];
  /** A run was started: it has to be told what to show. */
  played: [PipelineRun];
  fragment: [Uint8Array];
  showing: [string];
  fresh: [id: string, fresh: boolean];
}

/** An encoder that ran this long was well: the next failure is the first again. */
const wellAfterMs = 10_000;

/** Equal but for what can change while the encoder runs. */
function isSame(a: EncoderWish, b: EncoderWish): boolean {
  const fixed = (wish: EncoderWish) => ({ ...wish, video: { ...wish.video, bitrateKbps: 0 } });
  return JSON.stringify(fixed(a)) === JSON.stringify(fixed(b));
}

/**
 * Keeps the encoder that is wanted running: starts it, notices when it stops delivering, starts another one with a
 * back-off of 0.25 s doubling to 10 s. A wish that cannot be done leaves what runs as it is.
 */
export class EncoderKeeper extends EventEmitter<KeeperEvents> {
  readonly #children: ChildSource<'encoder'>;
  readonly #machine: Machine;
  readonly #output: EncodedOutput;
  readonly #logger: Logger;
  readonly #experience: Experience;
  readonly #streamIds = new StreamIds();
  readonly #backOff = new BackOff({ firstMs: 250, maxMs: 10_000 });
  #wanted: EncoderWish | null = null;
  #launching: EncoderWish | null = null;
  #preparing: PipelineRun | null = null;
  #run: PipelineRun | null = null;
  /** Whether what is wanted has ever delivered a frame. */
  #proven = false;
  /** What ran before a change that has yet to prove itself. */
  #former: EncoderWish | null = null;
  /** Why nothing runs. */
  #failure: Reason | null = null;
  /** Why what runs is not what was asked for last. */
  #refusal: Reason | null = null;
  #refused = false;
  #rtp: MediaRequest['rtp'] = null;
  #retry: NodeJS.Timeout | null = null;

  constructor(options: {
    children: ChildSource<'encoder'>;
    machine: Machine;
    output: EncodedOutput;
    logger: Logger;
  }) {
    super();
    this.#children = options.children;
    this.#machine = options.machine;
    this.#output = options.output;
    this.#logger = options.logger;
    this.#experience = new Experience(options);
  }

  /** By which egress knows the RTP of all its encoders. */
  get rtpStreams(): RtpStreams {
    return this.#streamIds.streams;
  }

  get run(): PipelineRun | null {
    return this.#run;
  }

  /** Why there is no encoder, or why the one that runs is not the one asked for last; null where all is well. */
  get reason(): Reason | null {
    return this.#run?.format ? this.#refusal : (this.#failure ?? this.#refusal);
  }

  /** What was asked for can't work, and nothing runs. */
  get refused(): boolean {
    return this.#refused;
  }

  get attempt(): number {
    return this.#backOff.attempt;
  }

  async want(wish: EncoderWish): Promise<void> {
    this.#refused = false;
    if (this.#launching && isSame(this.#launching, wish)) return;
    if (this.#wanted && isSame(this.#wanted, wish)) {
      if (this.#run) {
        this.#cancel();
        this.#refusal = null;
        this.emit('changed');
      }
      await this.setBitrate(wish.video.bitrateKbps);
      return;
    }
    this.#experience.forget();
    await this.#begin(wish);
  }

  stop(): void {
    this.#cancel();
    this.#endRun();
    this.#wanted = null;
    this.#former = null;
    this.#failure = null;
    this.#refusal = null;
    this.#refused = false;
    this.#backOff.reset();
    this.#output.bus.off();
  }

  close(): void {
    this.#cancel();
    this.#endRun();
    this.removeAllListeners();
  }

  retarget(rtp: MediaRequest['rtp']): void {
    if (JSON.stringify(rtp) === JSON.stringify(this.#rtp)) return;
    this.#rtp = rtp;
    this.#run?.retarget(rtp);
  }

  /** Live where the encoder allows it, else by another encoder. */
  async setBitrate(bitrateKbps: number): Promise<void> {
    if (this.#wanted === null || this.#wanted.video.bitrateKbps === bitrateKbps) return;
    const wish = { ...this.#wanted, video: { ...this.#wanted.video, bitrateKbps } };
    if (this.#run && !this.#run.setBitrate(bitrateKbps)) await this.#begin(wish);
    else this.#wanted = wish;
    this.emit('changed');
  }

  /** The first start, or a change over: what runs goes on until the new one is known to be possible. */
  async #begin(wish: EncoderWish): Promise<void> {
    this.#cancel();
    const run = await this.#launch(wish);
    if (run === null) return;
    if (!(run instanceof PipelineRun)) {
      this.#refuse(wish, run);
      return;
    }
    this.#former = this.#run?.format ? this.#wanted : null;
    this.#refusal = null;
    this.#wanted = wish;
    this.#proven = false;
    this.#backOff.reset();
    this.#play(run);
  }

  #refuse(wish: EncoderWish, reason: Reason): void {
    this.#logger.warn({ reason }, 'this encoder cannot be had');
    if (this.#run) {
      this.#refusal = reason;
      this.emit('changed');
    } else if (this.#wanted) this.#retryLater(reason);
    else if (isPermanent(reason)) {
      this.#failure = reason;
      this.#refused = true;
      this.emit('changed');
    } else {
      this.#wanted = wish;
      this.#proven = false;
      this.#retryLater(reason);
    }
  }

  /** @returns a run that can be played, why there can be none, or null where another wish came meanwhile */
  async #launch(wish: EncoderWish): Promise<PipelineRun | Reason | null> {
    this.#launching = wish;
    let run: PipelineRun | null = null;
    try {
      const encoder = await resolveEncoder(wish.choice, this.#machine, this.#experience.avoidHardware);
      if (this.#launching !== wish) return null;
      const { video, sound, audioBitrateKbps, baseMonotonicMs, partMs } = wish;
      const slate = { name: '', words: '' };
      const rtp = this.#rtp;
      const streams = this.#streamIds.next();
      const made = { encoder, video: { ...video }, sound, audioBitrateKbps, baseMonotonicMs };
      const plan = { ...made, rtp, streams, slate };
      const child = this.#children.take();
      run = new PipelineRun({ child, plan, partMs, output: this.#output, logger: this.#logger });
      this.#preparing = run;
      await run.prepare();
      if (this.#launching === wish) {
        this.#launching = null;
        this.#preparing = null;
        return run;
      }
      run.close();
      return null;
    } catch (error) {
      run?.close();
      if (this.#launching !== wish) return null;
      this.#launching = null;
      this.#preparing = null;
      if (error instanceof ReasonError) return error.reason;
      throw error;
    }
  }

  #play(run: PipelineRun): void {
    this.#endRun();
    this.#run = run;
    run.on('fragment', (message) => this.emit('fragment', message));
    run.on('showing', (id) => this.emit('showing', id));
    run.on('fresh', (id, fresh) => this.emit('fresh', id, fresh));
    run.on('running', () => this.#running(run));
    run.on('ended', (reason) => this.#ended(run, reason));
    run.retarget(this.#rtp);
    run.play();
    this.emit('played', run);
    this.emit('changed');
  }

  #running(run: PipelineRun): void {
    this.#proven = true;
    this.#failure = null;
    this.#former = null;
    this.#logger.info({ pipelineId: run.id, child: run.pid, format: run.format }, 'pictures flow');
    this.emit('changed');
  }

  #ended(run: PipelineRun, reason: Reason): void {
    const wasWell = run.ageMs >= wellAfterMs;
    this.#endRun();
    this.#logger.warn({ pipelineId: run.id, reason }, 'the encoder ended');
    if (wasWell) this.#backOff.reset();
    this.#experience.learn(run.plan, !wasWell);
    if (!this.#proven && this.#former) {
      this.#wanted = this.#former;
      this.#former = null;
      this.#refusal = reason;
      this.#retryLater(reason);
    } else if (!this.#proven && isPermanent(reason)) {
      this.#wanted = null;
      this.#failure = reason;
      this.#refused = true;
      this.emit('changed');
    } else this.#retryLater(reason);
  }

  #retryLater(reason: Reason): void {
    this.#failure = reason;
    const delayMs = this.#backOff.next();
    this.#retry = setTimeout(() => void this.#relaunch(), delayMs);
    this.emit('changed');
  }

  async #relaunch(): Promise<void> {
    if (this.#wanted === null) return;
    const run = await this.#launch(this.#wanted);
    if (run instanceof PipelineRun) this.#play(run);
    else if (run !== null) this.#retryLater(run);
  }

  /** Ends whatever was about to start. */
  #cancel(): void {
    if (this.#retry) clearTimeout(this.#retry);
    this.#retry = null;
    this.#launching = null;
    this.#preparing?.close();
    this.#preparing = null;
  }

  #endRun(): void {
    this.#run?.removeAllListeners();
    this.#run?.close();
    this.#run = null;
  }
}
