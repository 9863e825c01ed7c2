import { EventHub } from '#core/domain/event-hub.ts';
import { type MediaRequest, type SourceList, withoutSecrets } from '#core/domain/media.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { RtpStreams } from '#core/protocol/link/media.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { monotonicMs } from '#core/runtime/monotonic.ts';
import type { Child } from './child-process.ts';
import { EncoderKeeper } from './encoder/encoder-keeper.ts';
import { KeyFrameGate } from './encoder/key-frame-gate.ts';
import type { EncodedOutput } from './encoder/pipeline-run.ts';
import { slateId } from './encoder/plan.ts';
import type { IngestKeeper } from './ingest/ingest-keeper.ts';
import { idle, type MediaProgress, type MediaState } from './link-payloads.ts';
import { type PreviewAnswer, Previews } from './preview/previews.ts';
import { ReasonError } from './reason-error.ts';
import { describeCamera } from './sources/camera-description.ts';
import { Catalogue } from './sources/catalogue.ts';
import type { Machine } from './sources/machine.ts';
import { checkFigures } from './sources/resolve.ts';
import { SourceChoice } from './sources/source-choice.ts';
import type { ChildSource } from './sources/source-process.ts';

type SupervisorEvents = {
  state: MediaState;
  progress: MediaProgress;
  fragment: Uint8Array;
  sources: SourceList;
};

const progressIntervalMs = 500;
const keyFrameIntervalMs = 250;
/** A camera that is plugged in or out is noticed within two of these. */
const lookIntervalMs = 900;

/**
 * Keeps the broadcast that control wants on the air: an encoder that runs from start to stop, and the sources it shows,
 * each of which may die, hang or be unplugged. Says at each step what is true.
 */
export class Supervisor {
  readonly events = new EventHub<SupervisorEvents>();
  readonly #logger: Logger;
  readonly #catalogue: Catalogue;
  readonly #choice: SourceChoice;
  readonly #previews: Previews;
  readonly #encoder: EncoderKeeper;
  readonly #keyFrames = new KeyFrameGate({
    minimumMs: keyFrameIntervalMs,
    onPass: () => this.#encoder.run?.forceKeyFrame(),
  });
  #state = idle;
  /** How many states were told. */
  #said = 0;
  #sources = '';
  /** What is on the air, or to be; null where nothing is. */
  #wanted: MediaRequest | null = null;
  #baseMonotonicMs = 0;
  /** Counts requests: what an older one still waits for comes to nothing. */
  #generation = 0;
  #refusal: Problem | null = null;
  /** It has been `running` in this broadcast. */
  #ran = false;
  #timers: NodeJS.Timeout[] = [];

  constructor(options: {
    encoders: ChildSource<'encoder'>;
    sources: ChildSource<'source'>;
    newPreview: () => Child<'preview'>;
    machine: Machine;
    ingest?: Pick<IngestKeeper, 'report' | 'events'>;
    output: EncodedOutput;
    logger: Logger;
  }) {
    const { machine, output, logger } = options;
    this.#logger = logger;
    this.#catalogue = new Catalogue({
      machine,
      describe: (camera) => describeCamera(options.sources, camera),
      onDescribed: () => this.#tellSources(),
    });
    this.#choice = new SourceChoice({
      children: options.sources,
      catalogue: this.#catalogue,
      machine,
      ingest: () => options.ingest?.report ?? null,
      logger,
    });
    this.#previews = new Previews({ choice: this.#choice, newChild: options.newPreview, logger });
    options.ingest?.events.on('report', () => this.#follow());
    this.#encoder = new EncoderKeeper({ children: options.encoders, machine, output, logger });
    this.#choice.events.on('changed', () => this.#follow());
    this.#choice.events.on('refused', (reason) => this.#refuse(reason));
    this.#encoder.events.on('played', (run) => {
      run.setSlate(this.#wanted?.slate ?? { name: '', words: '' });
      if (this.#wanted) run.setSound(this.#wanted.audio);
      run.setAir(this.#choice.air);
    });
    this.#encoder.events.on('fragment', (message) => this.events.emit('fragment', message));
    this.#encoder.events.on('showing', (id) => {
      this.#logger.info({ showing: withoutSecrets(id) }, 'on the air');
      if (this.#choice.switching && this.#choice.isWanted(id)) this.#refusal = null;
      this.#choice.shown(id);
      this.#report();
    });
    this.#encoder.events.on('fresh', ({ id, fresh }) => this.#choice.setFresh(id, fresh));
    this.#encoder.events.on('changed', () => this.#follow());
  }

  get state(): MediaState {
    return this.#state;
  }

  get rtpStreams(): RtpStreams {
    return this.#encoder.rtpStreams;
  }

  get sources(): SourceList {
    return this.#choice.list(this.#shown);
  }

  /** The initialisation segment of the encoder that runs; null where none does. */
  get initFragment(): Uint8Array | null {
    return this.#encoder.run?.initFragment ?? null;
  }

  /** Looks for cameras, now and from now on. */
  async open(): Promise<void> {
    await Promise.all([this.#catalogue.look(), this.#encoder.look()]);
    this.#timers = [
      setInterval(() => void this.#look(), lookIntervalMs),
      setInterval(() => this.#tellProgress(), progressIntervalMs),
    ];
  }

  /** Goes on air with this, or changes over to it; answered by a `state` once it is known what becomes of it. */
  async start(request: MediaRequest): Promise<void> {
    this.retarget(request.rtp);
    this.#generation += 1;
    const generation = this.#generation;
    if (this.#wanted === null) {
      this.#baseMonotonicMs = monotonicMs();
      this.#say({ ...idle, state: 'starting' });
    }
    try {
      checkFigures(request);
      await this.#choice.arrange(request);
    } catch (error) {
      if (!(error instanceof ReasonError)) throw error;
      if (generation === this.#generation) this.#refuse(error.reason);
      return;
    }
    if (generation !== this.#generation) return;
    this.#wanted = request;
    const { video, audio } = request;
    this.#encoder.run?.setSlate(request.slate);
    this.#encoder.run?.setSound(audio);
    const { width, height, framesPerSecond, bitrateKbps, keyFrameIntervalSeconds } = video;
    await this.#encoder.want({
      choice: video.encoder,
      video: { width, height, framesPerSecond, bitrateKbps, keyFrameIntervalSeconds },
      sound: audio.source !== 'none',
      audioBitrateKbps: audio.bitrateKbps,
      partMs: request.hls.partMs,
      baseMonotonicMs: this.#baseMonotonicMs,
    });
    if (generation !== this.#generation) return;
    if (!this.#choice.switching) this.#refusal = null;
    // While it is not known whether what was asked for delivers, the answer is that.
    if (!this.#choice.switching || !this.#ran) this.#answer(() => this.#follow());
    else this.#follow();
  }

  /** What the settings come to, on the air or not: clips and addresses among them are sources. */
  configure(request: MediaRequest): void {
    this.#choice.configure(request);
    this.#tellSources();
  }

  /** A still and the level of a source, for operators. @param width null asks for the level alone */
  preview(id: string, width: number | null): Promise<PreviewAnswer> {
    return this.#previews.look(id, width);
  }

  stop(): void {
    this.#generation += 1;
    this.#end();
    this.#answer(() => this.#say(idle));
  }

  close(): void {
    for (const timer of this.#timers) clearInterval(timer);
    this.#generation += 1;
    this.#previews.close();
    this.#choice.close();
    this.#encoder.close();
    this.#keyFrames.close();
    this.events.close();
  }

  forceKeyFrame(): void {
    this.#keyFrames.request();
  }

  retarget(rtp: MediaRequest['rtp']): void {
    this.#encoder.retarget(rtp);
  }

  async setBitrate(bitrateKbps: number): Promise<void> {
    if (this.#wanted === null) return;
    this.#wanted = { ...this.#wanted, video: { ...this.#wanted.video, bitrateKbps } };
    await this.#encoder.setBitrate(bitrateKbps);
    this.#tell();
  }

  get #shown(): string | null {
    return this.#encoder.run?.showing ?? null;
  }

  #end(): void {
    this.#wanted = null;
    this.#refusal = null;
    this.#ran = false;
    this.#choice.stop();
    this.#encoder.stop();
  }

  /** What was asked for cannot be: what is on the air stays; where nothing is, that is the answer. */
  #refuse(reason: Problem): void {
    this.#logger.warn({ reason }, 'this request cannot be done');
    if (this.#wanted !== null && this.#shown !== null) {
      this.#refusal = reason;
      this.#answer(() => this.#report());
      return;
    }
    this.#generation += 1;
    this.#end();
    this.#say({ ...idle, state: 'refused', reason });
  }

  /**
   * A request is answered by one `state`, also where it changes nothing: a second one would be taken for the answer to the
   * next request.
   */
  #answer(act: () => void): void {
    const before = this.#said;
    act();
    if (this.#said === before) this.#tell();
  }

  /** A source or the encoder changed: the encoder hears what there is, control what is true. */
  #follow(): void {
    if (this.#wanted === null) {
      this.#tellSources();
      return;
    }
    if (this.#encoder.refused && this.#encoder.reason) {
      this.#refuse(this.#encoder.reason);
      return;
    }
    this.#encoder.run?.setAir(this.#choice.air);
    this.#report();
  }

  #report(): void {
    if (this.#wanted === null) return;
    const run = this.#encoder.run;
    const shown = this.#shown;
    const slate = shown === slateId && run?.format != null;
    const reason = this.#reasonNow();
    const live = run?.format != null && shown !== null && shown !== slateId;
    const state = live ? 'running' : this.#ran || reason !== null ? 'retrying' : 'starting';
    if (live) this.#ran = true;
    const source = this.#choice.nameOf(shown);
    this.#say({
      state,
      pipelineId: run?.id ?? this.#state.pipelineId,
      reason,
      format: run?.format ? { ...run.format, source } : null,
      attempt: Math.max(this.#encoder.attempt, live ? 0 : this.#choice.attempt),
      slate,
      refusal: live === true && this.#refusal !== null,
    });
  }

  #reasonNow(): Problem | null {
    if (this.#encoder.run === null) return this.#encoder.reason;
    const shown = this.#shown;
    if (shown === null || shown === slateId) return this.#choice.trouble(shown === slateId);
    return (
      this.#refusal ?? this.#encoder.reason ?? this.#choice.substitute(shown) ?? this.#choice.overlayTrouble
    );
  }

  async #look(): Promise<void> {
    void this.#encoder.look();
    if (!(await this.#catalogue.look())) return;
    this.#choice.retry();
    this.#tellSources();
  }

  #tellProgress(): void {
    const { run } = this.#encoder;
    if (run && this.#wanted) this.events.emit('progress', { pipelineId: run.id, ...run.progress });
  }

  #tellSources(): void {
    const list = this.sources;
    const text = JSON.stringify(list);
    if (text === this.#sources) return;
    this.#sources = text;
    this.events.emit('sources', list);
  }

  #say(change: Partial<MediaState>): void {
    const state = { ...this.#state, ...change };
    this.#tellSources();
    if (JSON.stringify(state) === JSON.stringify(this.#state)) return;
    this.#state = state;
    this.#tell();
  }

  #tell(): void {
    this.#said += 1;
    this.events.emit('state', this.#state);
  }
}
