import { EventHub } from '#core/domain/event-hub.ts';
import type { MediaRequest } from '#core/domain/media.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { RtpStreams } from '#core/protocol/link/media.ts';
import { BackOff, wellAfterMs } from '#core/runtime/back-off.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { systemClock } from '#core/runtime/system-clock.ts';
import { ReasonError } from '../reason-error.ts';
import { isPermanent } from '../reasons.ts';
import { encoderNodes } from '../sources/devices.ts';
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

type KeeperEvents = {
  /** Another run, or none; its first frame; a reason. */
  changed: undefined;
  /** A run was started: it has to be told what to show. */
  played: PipelineRun;
  fragment: Uint8Array;
  showing: string;
  fresh: { id: string; fresh: boolean };
};

/** Whether hardware that was in use or not to be opened can be had by now is looked at again after this. */
const lookAgainMs = 10_000;
/** A device that has just come gets its access rights a moment later. */
const settleMs = 1_000;
const passing: ReadonlySet<string> = new Set(['encoder-busy', 'encoder-denied', 'encoder-missing']);

/** Equal but for what can change while the encoder runs. */
function isSame(a: EncoderWish, b: EncoderWish): boolean {
  const fixed = (wish: EncoderWish) => ({ ...wish, video: { ...wish.video, bitrateKbps: 0 } });
  return JSON.stringify(fixed(a)) === JSON.stringify(fixed(b));
}

interface Deps {
  children: ChildSource<'encoder'>;
  machine: Machine;
  output: EncodedOutput;
  logger: Logger;
}

/**
 * Keeps the encoder that is wanted running: starts it, notices when it stops delivering, starts another one with a
 * back-off of 0.25 s doubling to 10 s. A wish that cannot be done leaves what runs as it is. Where hardware is wished for
 * and fails, x264enc takes its place at once, and gives it back once the hardware can be had again.
 */
export class EncoderKeeper {
  readonly events = new EventHub<KeeperEvents>();
  readonly #deps: Deps;
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
  #failure: Problem | null = null;
  /** Why what runs is not what was asked for last. */
  #refusal: Problem | null = null;
  #refused = false;
  #rtp: MediaRequest['rtp'] = null;
  #retry: NodeJS.Timeout | null = null;
  /** Until hardware is tried again that x264enc stands in for. */
  #comeback: NodeJS.Timeout | null = null;
  #nodes: string | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#experience = new Experience({ logger: deps.logger, clock: systemClock });
  }

  /** By which egress knows the RTP of all its encoders. */
  get rtpStreams(): RtpStreams {
    return this.#streamIds.streams;
  }

  get run(): PipelineRun | null {
    return this.#run;
  }

  /** Why there is no encoder, or why the one that runs is not the one asked for last; null where all is well. */
  get reason(): Problem | null {
    if (!this.#run?.format) return this.#failure ?? this.#refusal;
    return this.#refusal ?? this.#run.standIn;
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
        this.events.emit('changed');
      }
      await this.setBitrate(wish.video.bitrateKbps);
      return;
    }
    this.#experience.forget();
    await this.#begin(wish);
  }

  /** Looks for hardware encoders: what came is used, what went is noticed by the frames that stop. */
  async look(): Promise<void> {
    const nodes = await encoderNodes(this.#deps.machine);
    const known = this.#nodes;
    this.#nodes = nodes.join(' ');
    if (known === null || nodes.every((node) => known.split(' ').includes(node))) return;
    this.#deps.logger.info({ nodes }, 'a hardware encoder came');
    this.#experience.forget();
    this.#deps.children.renew?.();
    this.#comeBackAfter(settleMs);
  }

  stop(): void {
    this.#cancel();
    this.#stayAway();
    this.#endRun();
    this.#wanted = null;
    this.#former = null;
    this.#failure = null;
    this.#refusal = null;
    this.#refused = false;
    this.#backOff.reset();
    this.#deps.output.bus.off();
  }

  close(): void {
    this.#cancel();
    this.#stayAway();
    this.#endRun();
    this.events.close();
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
    this.events.emit('changed');
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

  #refuse(wish: EncoderWish, reason: Problem): void {
    this.#deps.logger.warn({ reason }, 'this encoder cannot be had');
    if (this.#run) {
      this.#refusal = reason;
      this.events.emit('changed');
    } else if (this.#wanted) this.#retryLater(reason);
    else if (isPermanent(reason)) {
      this.#failure = reason;
      this.#refused = true;
      this.events.emit('changed');
    } else {
      this.#wanted = wish;
      this.#proven = false;
      this.#retryLater(reason);
    }
  }

  /** @returns a run that can be played, why there can be none, or null where another wish came meanwhile */
  async #launch(wish: EncoderWish): Promise<PipelineRun | Problem | null> {
    this.#launching = wish;
    let run: PipelineRun | null = null;
    try {
      const { standIn, ...choice } = await this.#choose(wish);
      // What is gone now has come when it is seen next, however soon that is.
      if (standIn?.code === 'encoder-missing') this.#nodes = '';
      if (this.#launching !== wish) return null;
      const { video, sound, audioBitrateKbps, baseMonotonicMs, partMs } = wish;
      const slate = { name: '', words: '' };
      const rtp = this.#rtp;
      const streams = this.#streamIds.next();
      const made = { ...choice, video: { ...video }, sound, audioBitrateKbps, baseMonotonicMs };
      const plan = { ...made, rtp, streams, slate };
      const child = this.#deps.children.take();
      run = new PipelineRun({
        child,
        plan,
        standIn,
        partMs,
        output: this.#deps.output,
        logger: this.#deps.logger,
      });
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

  #choose({ choice }: EncoderWish): ReturnType<typeof resolveEncoder> {
    const { avoidance, seen } = this.#experience;
    return resolveEncoder(choice, this.#deps.machine, { avoidance, isExpected: seen });
  }

  #play(run: PipelineRun): void {
    this.#endRun();
    this.#run = run;
    this.#experience.begin(run.plan);
    if (run.standIn) {
      this.#deps.logger.warn({ reason: run.standIn }, 'x264enc stands in for the hardware encoder');
      if (passing.has(run.standIn.code)) this.#comeBackAfter(lookAgainMs);
      else if (this.#experience.avoidance) this.#comeBackAfter(this.#experience.restMs);
    }
    run.events.on('fragment', (message) => this.events.emit('fragment', message));
    run.events.on('showing', (id) => this.events.emit('showing', id));
    run.events.on('fresh', (change) => this.events.emit('fresh', change));
    run.events.on('running', () => this.#running(run));
    run.events.on('bitrateRefused', () => void (this.#wanted && this.#begin(this.#wanted)));
    run.events.on('ended', (reason) => this.#ended(run, reason));
    run.retarget(this.#rtp);
    run.play();
    this.events.emit('played', run);
    this.events.emit('changed');
  }

  #running(run: PipelineRun): void {
    this.#proven = true;
    this.#failure = null;
    this.#former = null;
    this.#deps.logger.info({ pipelineId: run.id, child: run.pid, format: run.format }, 'pictures flow');
    this.events.emit('changed');
  }

  #ended(run: PipelineRun, reason: Problem): void {
    const wasWell = run.ageMs >= wellAfterMs;
    this.#endRun();
    this.#deps.logger.warn({ pipelineId: run.id, reason }, 'the encoder ended');
    if (wasWell) this.#backOff.reset();
    this.#experience.learn(run.plan, !wasWell);
    if (run.plan.encoder === 'v4l2h264enc') {
      // Either it can be used again at once, or x264enc can.
      this.#retryLater(reason, 0);
    } else if (!this.#proven && this.#former) {
      this.#wanted = this.#former;
      this.#former = null;
      this.#refusal = reason;
      this.#retryLater(reason);
    } else if (!this.#proven && isPermanent(reason)) {
      this.#wanted = null;
      this.#failure = reason;
      this.#refused = true;
      this.events.emit('changed');
    } else this.#retryLater(reason);
  }

  #retryLater(reason: Problem, atMostMs = Number.POSITIVE_INFINITY): void {
    this.#failure = reason;
    const delayMs = Math.min(this.#backOff.next(), atMostMs);
    this.#retry = setTimeout(() => void this.#relaunch(), delayMs);
    this.events.emit('changed');
  }

  async #relaunch(): Promise<void> {
    this.#retry = null;
    if (this.#wanted === null) return;
    const run = await this.#launch(this.#wanted);
    if (run instanceof PipelineRun) this.#play(run);
    else if (run !== null) this.#retryLater(run);
  }

  #stayAway(): void {
    if (this.#comeback) clearTimeout(this.#comeback);
    this.#comeback = null;
  }

  #comeBackAfter(delayMs: number): void {
    this.#stayAway();
    this.#comeback = setTimeout(() => void this.#comeBack(), delayMs);
  }

  /** From x264enc to the hardware it stands in for, where that can be had now. */
  async #comeBack(): Promise<void> {
    this.#comeback = null;
    const wish = this.#wanted;
    const run = this.#run;
    if (wish === null || wish.choice === 'x264enc' || run?.plan.encoder === 'v4l2h264enc') return;
    if (!run?.format || this.#launching || this.#retry) {
      this.#comeBackAfter(lookAgainMs);
      return;
    }
    this.#experience.forgive();
    const { encoder, standIn } = await this.#choose(wish);
    if (this.#run !== run || this.#wanted !== wish || this.#launching) return;
    const next = encoder === 'x264enc' ? standIn : await this.#launch(wish);
    if (this.#run !== run || this.#wanted !== wish) {
      if (next instanceof PipelineRun) next.close();
      return;
    }
    if (next instanceof PipelineRun && next.plan.encoder === 'v4l2h264enc') {
      this.#deps.logger.info('the hardware encoder can be had: it takes over');
      this.#play(next);
      return;
    }
    const reason = next instanceof PipelineRun ? next.standIn : next;
    if (next instanceof PipelineRun) next.close();
    run.standIn = reason;
    if (reason && passing.has(reason.code)) this.#comeBackAfter(lookAgainMs);
    this.events.emit('changed');
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
    this.#run?.close();
    this.#run = null;
  }
}
