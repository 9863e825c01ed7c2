import { randomUUID } from 'node:crypto';
import { EventHub } from '#core/domain/event-hub.ts';
import { nextPictureWithinMs } from '#core/domain/picture-time.ts';
import type { Problem } from '#core/domain/problem.ts';
import { encodeFragment } from '#core/protocol/fragment.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { monotonicMs } from '#core/runtime/monotonic.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import type { MediaBus } from '../bus/media-bus.ts';
import { RunFeed } from '../bus/run-feed.ts';
import type { BusTimeline } from '../bus/timeline.ts';
import { type Child, loadDeadlineMs } from '../child-process.ts';
import { type EncodedSample, GdpReader } from '../fragments/gdp-reader.ts';
import { type InitSegment, type Part, PartPackager } from '../fragments/part-packager.ts';
import type { MediaFormat } from '../link-payloads.ts';
import { whenIdle } from '../process-idle.ts';
import { ReasonError } from '../reason-error.ts';
import { type GStreamerError, reasonOf, reasonOfError, reasonOfFailure } from '../reasons.ts';
import { CaptureClock } from './capture-clock.ts';
import { aacDelaySamples, soundSampleRate } from './pipeline-text.ts';
import {
  type AirPlan,
  audioDescriptor,
  type FromPipeline,
  opusDescriptor,
  type PipelinePlan,
  type SlatePlan,
  type SoundControls,
  slateId,
  videoDescriptor,
} from './plan.ts';
import { type Progress, ProgressMeter } from './progress-meter.ts';
import { StallWatch } from './stall-watch.ts';

/** Where encoded frames go besides the fragments: the media bus, and the time line of all runs on it. */
export interface EncodedOutput {
  bus: MediaBus;
  timeline: BusTimeline;
}

type PipelineRunEvents = {
  /** The first frame is encoded and its initialisation segment is out. */
  running: undefined;
  /** An encoded message of core/protocol/fragment.ts. */
  fragment: Uint8Array;
  /** What is on the air changed: the id of a source, or `slateId`. */
  showing: string;
  /** A source of the air plan began to deliver pictures, or has been silent for longer than it may. */
  fresh: { id: string; fresh: boolean };
  /** It goes on at the bitrate that it has. */
  bitrateRefused: undefined;
  /** It is over, and its child with it. */
  ended: Problem;
};

const aacDelayNs = (aacDelaySamples * 1e9) / soundSampleRate;
/** A child may take this long to get warm, and to encode its first frame once it has pictures. */
const prepareDeadlineMs = 15_000;
const firstFrameDeadlineMs = 15_000;
/** A processor that encodes may only be slow. Hardware that hangs must not be: drawing the picture goes on beside it. */
const patience = { x264enc: 8, v4l2h264enc: 4 };

interface Deps {
  child: Child<'encoder'>;
  plan: PipelinePlan;
  standIn?: Problem | null;
  partMs: number;
  output: EncodedOutput;
  logger: Logger;
}

/** One encoder from its plan to its end, with the fragments cut from it. Prepared, played once, closed. */
export class PipelineRun {
  readonly events = new EventHub<PipelineRunEvents>();
  readonly id = randomUUID();
  readonly plan: PipelinePlan;
  /** Why x264enc encodes where hardware was wished for; null where all is as it should be. */
  standIn: Problem | null;
  #liveBitrate = false;
  readonly #deps: Deps;
  readonly #meter = new ProgressMeter();
  readonly #clock: CaptureClock;
  readonly #stall: StallWatch;
  #packager: PartPackager | null = null;
  #init: { segment: InitSegment; message: Uint8Array } | null = null;
  #lastError: Problem | null = null;
  #playing = false;
  #playedAtMs = 0;
  #showing: string | null = null;
  #peakDb: number | null = null;
  #closed = false;
  #settlePrepare: ((outcome: FromPipeline | Problem) => void) | null = null;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.standIn = deps.standIn ?? null;
    this.plan = deps.plan;
    this.#stall = new StallWatch({
      firstMs: firstFrameDeadlineMs,
      nextMs: nextPictureWithinMs(1_000 / this.plan.video.framesPerSecond),
      onStall: (silentMs) =>
        this.#end(this.#lastError ?? reasonOf('encoder-silent', `${(silentMs / 1000).toFixed(1)} s`)),
      pid: () => this.pid,
      patience: patience[this.plan.encoder],
      clock,
    });
    this.#clock = new CaptureClock(deps.plan.baseMonotonicMs);
  }

  get pid(): number | undefined {
    return this.#deps.child.pid;
  }

  /** What it really is; null until the first frame. */
  get format(): Omit<MediaFormat, 'source'> | null {
    if (this.#init === null) return null;
    const { width, height, audio } = this.#init.segment;
    const { framesPerSecond, bitrateKbps } = this.plan.video;
    const { encoder } = this.plan;
    return { encoder, width, height, framesPerSecond, bitrateKbps, audio };
  }

  /** The initialisation segment as a message, for a control that has come back. */
  get initFragment(): Uint8Array | null {
    return this.#init?.message ?? null;
  }

  /** How long it has played, in ms. */
  get ageMs(): number {
    return this.#playing ? performance.now() - this.#playedAtMs : 0;
  }

  /** What is on the air: the id of a source or `slateId`; null before the first picture. */
  get showing(): string | null {
    return this.#showing;
  }

  get progress(): Progress & { startedMonotonicMs: number | null; audioPeakDb: number | null } {
    const { startedMonotonicMs } = this.#clock;
    return { ...this.#meter.read(performance.now()), startedMonotonicMs, audioPeakDb: this.#peakDb };
  }

  /** Builds the pipeline in its child, up to where it can be played. @throws ReasonError */
  async prepare(): Promise<void> {
    const outcome = await new Promise<FromPipeline | Problem>((resolve) => {
      this.#settlePrepare = resolve;
      this.#deps.child.events.on('message', (message) => this.#receive(message));
      this.#deps.child.events.on('gstreamerError', (error) => this.#notice(error));
      this.#deps.child.events.on('died', (how) =>
        this.#end(this.#lastError ?? reasonOf('pipeline-died', how)),
      );
      const deadlineMs = this.#deps.child.warm === false ? loadDeadlineMs : prepareDeadlineMs;
      const giveUp = () => resolve(reasonOf('encoder-silent', `${deadlineMs / 1000} s`));
      const atMostMs = 4 * deadlineMs; // of a machine that is busy with something else
      setTimeout(() => whenIdle(this.pid, { atMostMs }, giveUp), deadlineMs).unref();
      this.#deps.child.send({ type: 'prepare', plan: this.plan });
    });
    this.#settlePrepare = null;
    if ('code' in outcome) throw new ReasonError(outcome);
    if (outcome.type === 'failed') throw new ReasonError(reasonOfFailure(outcome.text));
    if (outcome.type === 'prepared') this.#learn(outcome);
    this.#packager = new PartPackager({
      partMs: this.#deps.partMs,
      framesPerSecond: this.plan.video.framesPerSecond,
      audioExpected: this.plan.sound,
      onInit: (segment) => this.#begin(segment),
      onPart: (part) => this.#forward(part),
    });
    this.#listen(this.#packager, this.#makeFeed());
  }

  #learn({ standIn, liveBitrate }: Extract<FromPipeline, { type: 'prepared' }>): void {
    this.#liveBitrate = liveBitrate;
    if (standIn === null) return;
    this.standIn = reasonOf(standIn.code, standIn.detail);
    this.plan.encoder = 'x264enc';
    this.plan.device = null;
  }

  play(): void {
    if (this.#closed) return;
    this.#playing = true;
    this.#playedAtMs = performance.now();
    this.#deps.child.send({ type: 'play' });
  }

  /** What may be seen and heard from now on. */
  setAir(air: AirPlan): void {
    this.#deps.child.send({ type: 'air', air });
  }

  setSound(controls: SoundControls): void {
    this.#deps.child.send({ type: 'sound', controls });
  }

  setSlate(slate: SlatePlan): void {
    this.plan.slate = slate;
    this.#deps.child.send({ type: 'slate', slate });
  }

  forceKeyFrame(): void {
    this.#deps.child.send({ type: 'key_frame' });
  }

  retarget(rtp: PipelinePlan['rtp']): void {
    this.plan.rtp = rtp;
    this.#deps.child.send({ type: 'rtp', rtp });
  }

  /** False where this encoder takes no other bitrate while it runs. */
  setBitrate(bitrateKbps: number): boolean {
    if (!this.#liveBitrate) return false;
    this.plan.video.bitrateKbps = bitrateKbps;
    this.#deps.child.send({ type: 'bitrate', bitrateKbps });
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stall.close();
    this.#deps.child.close();
    this.#settlePrepare?.(reasonOf('pipeline-died', 'it was closed'));
  }

  #makeFeed(): RunFeed {
    const { framesPerSecond, bitrateKbps } = this.plan.video;
    return new RunFeed({
      ...this.#deps.output,
      framesPerSecond,
      bitrateKbps,
      soundExpected: this.plan.sound,
      startedMonotonicMs: () => this.plan.baseMonotonicMs,
    });
  }

  #listen(packager: PartPackager, feed: RunFeed): void {
    const video = new GdpReader({
      caps: (caps) => {
        packager.videoCaps(caps);
        feed.videoCaps(caps);
      },
      sample: (sample) => {
        this.#count(sample);
        packager.video(sample);
        feed.video(sample, this.#slate);
      },
    });
    const audio = new GdpReader({
      caps: (caps) => {
        packager.audioCaps(caps);
        feed.soundCaps('aac', caps);
      },
      sample: (delayed) => {
        const sample = { ...delayed, timeNs: delayed.timeNs - aacDelayNs };
        packager.audio(sample);
        feed.sound('aac', sample, this.#slate);
      },
    });
    const opus = new GdpReader({
      caps: (caps) => feed.soundCaps('opus', caps),
      sample: (sample) => feed.sound('opus', sample, this.#slate),
    });
    const readers = new Map([
      [videoDescriptor, video],
      [audioDescriptor, audio],
      [opusDescriptor, opus],
    ]);
    this.#deps.child.events.on('bytes', ({ descriptor, bytes }) => {
      const reader = readers.get(descriptor);
      if (reader) this.#read(reader, bytes);
    });
  }

  get #slate(): boolean {
    return this.#showing === slateId;
  }

  #read(reader: GdpReader, bytes: Buffer): void {
    if (this.#closed) return;
    try {
      reader.push(bytes);
    } catch (error) {
      this.#deps.logger.error({ err: error }, 'the pipeline delivered what cannot be read');
      this.#end(reasonOf('pipeline-failed', (error as Error).message));
    }
  }

  #count({ bytes, sync }: EncodedSample): void {
    this.#meter.add(performance.now(), bytes.length, sync);
    this.#stall.advance();
  }

  #begin(segment: InitSegment): void {
    const { codecs, width, height, bytes } = segment;
    const header = { kind: 'init', pipelineId: this.id, codecs, width, height } as const;
    const message = encodeFragment({ header, bytes });
    this.#init = { segment, message };
    this.events.emit('fragment', message);
    this.events.emit('running');
  }

  #forward({ sequence, independent, durationSeconds, timeNs, bytes }: Part): void {
    const capturedAtMs = this.#clock.wallMs(timeNs, monotonicMs(), Date.now());
    const header = { kind: 'part', pipelineId: this.id, sequence, independent, durationSeconds } as const;
    this.events.emit('fragment', encodeFragment({ header: { ...header, capturedAtMs }, bytes }));
  }

  #receive(message: FromPipeline): void {
    switch (message.type) {
      case 'prepared':
      case 'failed':
        this.#settlePrepare?.(message);
        break;
      case 'showing':
        if (this.#showing === null) this.#stall.start();
        this.#showing = message.id;
        this.events.emit('showing', message.id);
        break;
      case 'fresh':
        this.events.emit('fresh', { id: message.id, fresh: message.fresh });
        break;
      case 'bitrate_refused':
        this.events.emit('bitrateRefused');
        break;
      case 'level':
        this.#peakDb = message.peakDb;
        break;
    }
  }

  #notice(error: GStreamerError): void {
    this.#lastError ??= reasonOfError(error, 'encoder');
    this.#end(this.#lastError);
  }

  #end(reason: Problem): void {
    if (this.#closed) return;
    this.#settlePrepare?.(reason);
    this.close();
    this.events.emit('ended', reason);
  }
}
