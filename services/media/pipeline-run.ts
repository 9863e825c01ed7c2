import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { Reason } from '#core/domain/media.ts';
import { encodeFragment } from '#core/protocol/fragment.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { monotonicMs } from '#core/runtime/monotonic.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import type { MediaBus } from './bus/media-bus.ts';
import { RunFeed } from './bus/run-feed.ts';
import type { BusTimeline } from './bus/timeline.ts';
import { CaptureClock } from './capture-clock.ts';
import type { PipelineChildEvents } from './child-handle.ts';
import { type EncodedSample, GdpReader } from './fragments/gdp-reader.ts';
import { type InitSegment, type Part, PartPackager } from './fragments/part-packager.ts';
import type { MediaFormat } from './link-payloads.ts';
import type { FromPipeline, PipelinePlan, ToPipeline } from './pipeline-plan.ts';
import { aacDelaySamples, soundSampleRate } from './pipeline-text.ts';
import { type Progress, ProgressMeter } from './progress-meter.ts';
import { ReasonError } from './reason-error.ts';
import { type GStreamerError, reasonOf, reasonOfError, reasonOfFailure } from './reasons.ts';
import { StallWatch } from './stall-watch.ts';

/** Where encoded frames go besides the fragments: the media bus, and the time line of all runs on it. */
export interface EncodedOutput {
  bus: MediaBus;
  timeline: BusTimeline;
}

/** What a run needs of its child process. */
export interface RunChild extends EventEmitter<PipelineChildEvents> {
  readonly pid: number | undefined;
  send(message: ToPipeline): void;
  close(): void;
}

interface PipelineRunEvents {
  /** The first frame is encoded and its initialisation segment is out. */
  running: [];
  /** An encoded message of core/protocol/fragment.ts. */
  fragment: [Uint8Array];
  /** It is over, and its child with it. */
  ended: [Reason];
}

const aacDelayNs = (aacDelaySamples * 1e9) / soundSampleRate;
/** A child may take this long to get warm, to decode a clip's first frame, or to deliver a first frame. */
const prepareDeadlineMs = 10_000;
const firstFrameDeadlineMs = 5_000;
const firstCsiFrameDeadlineMs = 10_000;

/** How people name where the pictures come from; the same words as `video.source` in the settings. */
export function sourceName(pictures: PipelinePlan['pictures']): string {
  if (pictures.kind === 'file') return `file:${pictures.path}`;
  return pictures.kind === 'v4l2' ? `v4l2:${pictures.device}` : pictures.kind;
}

/** One pipeline from its plan to its end, with the fragments cut from it. Prepared, played once, closed. */
export class PipelineRun extends EventEmitter<PipelineRunEvents> {
  readonly id = randomUUID();
  readonly plan: PipelinePlan;
  readonly #child: RunChild;
  readonly #logger: Logger;
  readonly #meter = new ProgressMeter();
  readonly #clock = new CaptureClock();
  readonly #partMs: number;
  readonly #stall: StallWatch;
  readonly #output: EncodedOutput;
  #packager: PartPackager | null = null;
  #init: { segment: InitSegment; message: Uint8Array } | null = null;
  #lastError: Reason | null = null;
  #playing = false;
  #playedAtMs = 0;
  #closed = false;
  #settlePrepare: ((outcome: FromPipeline | Reason) => void) | null = null;

  constructor(options: {
    child: RunChild;
    plan: PipelinePlan;
    partMs: number;
    output: EncodedOutput;
    logger: Logger;
  }) {
    super();
    this.#output = options.output;
    this.#child = options.child;
    this.plan = options.plan;
    this.#partMs = options.partMs;
    this.#logger = options.logger;
    this.#stall = new StallWatch({
      firstMs: this.plan.pictures.kind === 'csi' ? firstCsiFrameDeadlineMs : firstFrameDeadlineMs,
      nextMs: Math.max(1_000, 5_000 / this.plan.video.framesPerSecond),
      onStall: (silentMs) =>
        this.#end(this.#lastError ?? reasonOf('no-frames', `${(silentMs / 1000).toFixed(1)} s`)),
      clock,
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** What it really is; null until the first frame. */
  get format(): MediaFormat | null {
    if (this.#init === null) return null;
    const { width, height, audio } = this.#init.segment;
    const { framesPerSecond, bitrateKbps } = this.plan.video;
    const { encoder, pictures } = this.plan;
    return { encoder, width, height, framesPerSecond, bitrateKbps, audio, source: sourceName(pictures) };
  }

  /** The initialisation segment as a message, for a control that has come back. */
  get initFragment(): Uint8Array | null {
    return this.#init?.message ?? null;
  }

  /** How long it has played, in ms. */
  get ageMs(): number {
    return this.#playing ? performance.now() - this.#playedAtMs : 0;
  }

  get progress(): Progress & { startedMonotonicMs: number | null } {
    return { ...this.#meter.read(performance.now()), startedMonotonicMs: this.#clock.startedMonotonicMs };
  }

  /** Builds the pipeline in its child, up to where it can be played. @throws ReasonError */
  async prepare(): Promise<void> {
    const outcome = await new Promise<FromPipeline | Reason>((resolve) => {
      this.#settlePrepare = resolve;
      this.#child.on('message', (message) => this.#receive(message));
      this.#child.on('gstreamerError', (error) => this.#notice(error));
      this.#child.on('died', (how) => this.#end(this.#lastError ?? reasonOf('pipeline-died', how)));
      setTimeout(
        () => resolve(reasonOf('no-frames', `${prepareDeadlineMs / 1000} s`)),
        prepareDeadlineMs,
      ).unref();
      this.#child.send({ type: 'prepare', plan: this.plan });
    });
    this.#settlePrepare = null;
    if ('code' in outcome) throw new ReasonError(outcome);
    if (outcome.type === 'failed') throw new ReasonError(reasonOfFailure(outcome.text));
    const audioExpected = outcome.type === 'prepared' && outcome.sound;
    this.#packager = new PartPackager({
      partMs: this.#partMs,
      framesPerSecond: this.plan.video.framesPerSecond,
      audioExpected,
      onInit: (segment) => this.#begin(segment),
      onPart: (part) => this.#forward(part),
    });
    this.#listen(this.#packager, this.#makeFeed(audioExpected));
  }

  play(): void {
    if (this.#closed) return;
    this.#playing = true;
    this.#playedAtMs = performance.now();
    this.#child.send({ type: 'play' });
    this.#stall.start();
  }

  forceKeyFrame(): void {
    this.#child.send({ type: 'key_frame' });
  }

  retarget(rtp: PipelinePlan['rtp']): void {
    this.plan.rtp = rtp;
    this.#child.send({ type: 'rtp', rtp });
  }

  /** False where this encoder takes no other bitrate while it runs. */
  setBitrate(bitrateKbps: number): boolean {
    if (this.plan.encoder !== 'x264enc') return false;
    this.plan.video.bitrateKbps = bitrateKbps;
    this.#child.send({ type: 'bitrate', bitrateKbps });
    return true;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#stall.close();
    this.#child.close();
    this.#settlePrepare?.(reasonOf('pipeline-died', 'it was closed'));
  }

  #makeFeed(soundExpected: boolean): RunFeed {
    const { framesPerSecond, bitrateKbps } = this.plan.video;
    return new RunFeed({
      ...this.#output,
      framesPerSecond,
      bitrateKbps,
      soundExpected,
      startedMonotonicMs: () => this.#clock.startedMonotonicMs,
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
        feed.video(sample);
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
        feed.sound('aac', sample);
      },
    });
    const opus = new GdpReader({
      caps: (caps) => feed.soundCaps('opus', caps),
      sample: (sample) => feed.sound('opus', sample),
    });
    this.#child.on('video', (bytes) => this.#read(video, bytes));
    this.#child.on('audio', (bytes) => this.#read(audio, bytes));
    this.#child.on('opus', (bytes) => this.#read(opus, bytes));
  }

  #read(reader: GdpReader, bytes: Buffer): void {
    if (this.#closed) return;
    try {
      reader.push(bytes);
    } catch (error) {
      this.#logger.error({ err: error }, 'the pipeline delivered what cannot be read');
      this.#end(reasonOf('pipeline-failed', (error as Error).message));
    }
  }

  #count({ timeNs, bytes, sync }: EncodedSample): void {
    this.#clock.observe(timeNs, monotonicMs());
    this.#meter.add(performance.now(), bytes.length, sync);
    this.#stall.advance();
  }

  #begin(segment: InitSegment): void {
    const { codecs, width, height, bytes } = segment;
    const header = { kind: 'init', pipelineId: this.id, codecs, width, height } as const;
    const message = encodeFragment({ header, bytes });
    this.#init = { segment, message };
    this.emit('fragment', message);
    this.emit('running');
  }

  #forward({ sequence, independent, durationSeconds, timeNs, bytes }: Part): void {
    const capturedAtMs = this.#clock.wallMs(timeNs, monotonicMs(), Date.now());
    const header = { kind: 'part', pipelineId: this.id, sequence, independent, durationSeconds } as const;
    this.emit('fragment', encodeFragment({ header: { ...header, capturedAtMs }, bytes }));
  }

  #receive(message: FromPipeline): void {
    if (message.type === 'clock') this.#clock.setBase(message.baseMonotonicMs);
    if (message.type === 'prepared' || message.type === 'failed') this.#settlePrepare?.(message);
  }

  /** A camera's error ends the pipeline; one of a clip that plays may be overcome, else frames stop. */
  #notice(error: GStreamerError): void {
    const { pictures } = this.plan;
    const clip = pictures.kind === 'file' && !this.#playing;
    const reason = clip
      ? reasonOf('clip-unreadable', error.message)
      : reasonOfError(error, sourceName(pictures));
    this.#lastError ??= reason;
    const overcome = pictures.kind === 'file' && this.#init !== null;
    if (!overcome) this.#end(reason);
  }

  #end(reason: Reason): void {
    if (this.#closed) return;
    this.#settlePrepare?.(reason);
    this.close();
    this.emit('ended', reason);
  }
}
