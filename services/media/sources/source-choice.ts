import type { CameraControls } from '#core/domain/camera.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import { type MediaRequest, type SourceList, withoutSecrets } from '#core/domain/media.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { IngestReport } from '#core/protocol/link/media.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { type AirPlan, slateId } from '../encoder/plan.ts';
import { ReasonError } from '../reason-error.ts';
import { isPermanent, reasonOf } from '../reasons.ts';
import type { Catalogue } from './catalogue.ts';
import type { SourceAddress } from './contract.ts';
import { LookedSources } from './looked-sources.ts';
import type { Machine } from './machine.ts';
import { OverlayProcess } from './overlay-process.ts';
import { sourceName } from './resolve.ts';
import { SoundSource } from './sound-source.ts';
import { SourceDesk } from './source-desk.ts';
import { listSources, publishedTo, runningSource } from './source-list.ts';
import type { ChildSource, SourceProcess, SourceWish } from './source-process.ts';
import { SourceSwitch } from './source-switch.ts';

type ChoiceEvents = {
  /** The air plan, or what is known of a source, may be another one. */
  changed: undefined;
  /** The source that was asked for cannot be: what was shown before stays. */
  refused: Problem;
};

/** No setting of a source reads like this. */
const slateProcess = ':slate';
/** After another encoder was started, its sources have so long to be there before the slate is shown. */
const slateAfterRestartMs = 500;
/** Sources that others send to, or that are far away: they may not be there yet, and are waited for under the slate. */
const waitedFor: ReadonlySet<string> = new Set(['rtmp', 'srt', 'whip', 'rtsp', 'srt-caller']);

/**
 * Which sources run, and which of them may be on the air: the one that is wanted, what was shown before it until it
 * delivers, and those of `video.fallback`. Processes are called by the setting that means them.
 */
export class SourceChoice {
  readonly events = new EventHub<ChoiceEvents>();
  readonly #catalogue: Catalogue;
  readonly #ingest: () => IngestReport | null;
  readonly #desk: SourceDesk;
  readonly #sound: SoundSource;
  readonly #overlay: OverlayProcess;
  readonly #looked: LookedSources;
  #request: MediaRequest | null = null;
  /** What the settings come to, on the air or not. */
  #configured: MediaRequest | null = null;
  readonly #switch = new SourceSwitch({
    expired: (afterMs) =>
      this.#giveUpSwitch(this.#primaryProcess?.reason ?? this.#primaryProcess?.silence(afterMs)),
  });
  #kind: SourceAddress['kind'] = 'test';
  #proven = false;

  constructor(options: {
    children: ChildSource<'source'>;
    catalogue: Catalogue;
    machine: Machine;
    /** Who publishes; null where nothing is taken. */
    ingest: () => IngestReport | null;
    logger: Logger;
  }) {
    this.#catalogue = options.catalogue;
    this.#ingest = options.ingest;
    this.#desk = new SourceDesk(options);
    this.#sound = new SoundSource({ desk: this.#desk, machine: options.machine });
    this.#overlay = new OverlayProcess(this.#desk);
    this.#looked = new LookedSources({ catalogue: options.catalogue, desk: this.#desk });
    this.#desk.events.on('changed', (process) => {
      this.#overlay.follow();
      this.#changed(process);
    });
  }

  /** Pictures of a source have been on the air in this broadcast. */
  get proven(): boolean {
    return this.#proven;
  }

  /** Why the source that is wanted is not on the air; null where it may just be about to. @param slate it is shown */
  trouble(slate: boolean): Problem | null {
    if (slate && this.#request?.holdSlate) return reasonOf('slate-held');
    const process = this.#primaryProcess;
    const turnedAway = publishedTo(this.#kind, this.#ingest())?.notice;
    if (turnedAway && process?.state?.state === 'waiting') return turnedAway;
    return process?.reason ?? (slate ? (process?.silence(1_000) ?? null) : null);
  }

  /** Why clock, text or logo are not drawn as they should be; null where they are. */
  get overlayTrouble(): Problem | null {
    return this.#overlay.trouble;
  }

  /** What was asked for last has not delivered yet, and what was on the air before stays meanwhile. */
  get switching(): boolean {
    return this.#switch.former !== null;
  }

  isWanted(id: string): boolean {
    return id === this.#primary;
  }

  get attempt(): number {
    return this.#primaryProcess?.attempt ?? 0;
  }

  /** What the encoder may show and play now. */
  get air(): AirPlan {
    const hold = this.#request?.holdSlate === true;
    const running = [...this.#desk.all].flatMap((process) => {
      const { id, socketPath, state, video } = process;
      if (this.#overlay.isOne(id)) return [];
      const framesPerSecond = state?.video?.framesPerSecond ?? video.framesPerSecond;
      return socketPath === null
        ? []
        : [{ id, socketPath, intervalMs: 1_000 / Math.max(0.2, framesPerSecond) }];
    });
    const order = [this.#primary, this.#switch.former, ...this.#fallback]
      .filter((id, at, all) => id !== null && all.indexOf(id) === at)
      .map((id) => ({ id: id as string, sound: this.#sound.of(id as string) }));
    return {
      sources: running,
      order: hold ? [] : order,
      hold,
      slateSource: this.#desk.get(slateProcess)?.state ? slateProcess : null,
      overlaySocket: this.#overlay.socketPath,
      slateAfterMs: this.#proven ? slateAfterRestartMs : this.#isWaitedFor ? 0 : null,
    };
  }

  /**
   * Starts what the request needs, and ends what it does not.
   * @throws ReasonError where its source cannot be: nothing has changed then
   */
  async arrange(request: MediaRequest): Promise<void> {
    const { video, audio, take } = request;
    this.#catalogue.name([video.source, ...video.fallback]);
    const primary = take === null ? video.source : this.#settingOf(take);
    const known = primary === this.#primary && this.#desk.get(primary)?.address;
    const address = known || (await this.#preflight(primary, video.fallback.length > 0));
    const sound = await this.#sound.resolve(audio.source, address ?? { kind: 'test' });
    this.#request = request;
    this.#sound.choose(sound);
    this.#kind = address?.kind ?? this.#kind;
    if (primary !== this.#primary) this.#switch.to(primary);
    this.#looked.handOver(primary, address);
    this.#want();
    this.events.emit('changed');
  }

  /** What the settings come to: what is looked at has the size that the broadcast would have. */
  configure(request: MediaRequest): void {
    this.#configured = request;
    const { source, fallback } = request.video;
    this.#catalogue.name([source, ...fallback]);
    this.#want();
  }

  /** Keeps a source ready that somebody looks at, on the air or not. @throws ReasonError where it cannot be */
  async keepReady(id: string): Promise<void> {
    if (this.#looked.process(id)) return;
    const request = this.#current;
    if (request === null) throw ReasonError.of('source-unknown', id);
    const setting = await this.#looked.settingOf(id, request.video);
    if (this.#request === null) {
      const address = await this.#catalogue.resolve(setting);
      this.#sound.choose(await this.#sound.resolve(request.audio.source, address));
    }
    this.#looked.add(id, setting);
    this.#want();
  }

  /** Nobody looks at it any more. */
  letGo(id: string): void {
    if (this.#looked.remove(id)) this.#want();
  }

  /** The processes of a source that is looked at; `sound` is null where none is heard with it. */
  looked(id: string): { pictures: SourceProcess; sound: SourceProcess | null } | null {
    const pictures = this.#looked.process(id);
    if (!pictures) return null;
    const sound = this.#sound.of(pictures.id);
    return { pictures, sound: (sound === null ? null : this.#desk.get(sound)) ?? null };
  }

  stop(): void {
    this.#switch.stop();
    this.#request = null;
    this.#proven = false;
    this.#want();
  }

  close(): void {
    this.#switch.stop();
    this.#desk.close();
    this.events.close();
  }

  /** Something was plugged in or out. */
  retry(): void {
    this.#desk.retry();
  }

  /** The encoder shows this now. */
  shown(id: string): void {
    if (id === slateId || this.#primary === null) return;
    this.#proven = true;
    if (id === this.#primary && this.#switch.arrive()) this.#want();
    for (const process of this.#desk.all) process.setUse(process.id === id ? 'on-air' : 'warm');
    this.events.emit('changed');
  }

  setFresh(id: string, fresh: boolean): void {
    this.#desk.get(id)?.setFresh(fresh);
    this.events.emit('changed');
  }

  /** How people name what is shown. */
  nameOf(id: string | null): string {
    const shown = id === null || id === slateId ? this.#primary : id;
    const address = shown === null ? null : this.#desk.get(shown)?.address;
    return address ? sourceName(address) : withoutSecrets(shown ?? 'auto');
  }

  /** Why what is shown is another source than the one that is wanted; null where it is not. */
  substitute(id: string): Problem | null {
    if (id === this.#primary || id === this.#switch.former || this.#primary === null) return null;
    const why = this.trouble(false);
    const shown = reasonOf('fallback-shown', this.nameOf(id));
    return why ? { ...why, message: `${why.message} ${shown.message}` } : shown;
  }

  /** What can be taken, and how it does. @param shown what is on the air */
  list(shown: string | null): SourceList {
    const cameras = this.#cameras;
    return listSources(shown, {
      catalogue: this.#catalogue,
      desk: this.#desk,
      ingest: this.#ingest(),
      cameras,
    });
  }

  /** The newest settings: a change of these needs no new request. */
  get #cameras(): MediaRequest['cameras'] {
    return (this.#configured ?? this.#request)?.cameras ?? {};
  }

  /** What is set of a camera is kept by its id: it holds wherever it is plugged in. */
  #adjust(process: SourceProcess): void {
    if (process.id.startsWith(':')) return;
    const id = this.#catalogue.idOf(process.id, process.address);
    const controls: CameraControls | undefined = id === null ? undefined : this.#cameras[id];
    process.setControls(controls ?? {});
  }

  /** The setting of the source that is wanted; null while nothing is. */
  get #primary(): string | null {
    return this.#switch.wanted;
  }

  get #primaryProcess(): SourceProcess | undefined {
    return this.#primary === null ? undefined : this.#desk.get(this.#primary);
  }

  get #fallback(): string[] {
    return this.#request?.video.fallback ?? [];
  }

  get #current(): MediaRequest | null {
    return this.#request ?? this.#configured;
  }

  get #isWaitedFor(): boolean {
    return waitedFor.has(this.#kind);
  }

  /** A camera that is running already is not started a second time under another name. */
  #settingOf(id: string): string {
    return (
      runningSource(id, { catalogue: this.#catalogue, desk: this.#desk })?.id ?? this.#catalogue.settingOf(id)
    );
  }

  /** @returns null where it can't be now, and is waited for, or something else is shown meanwhile */
  async #preflight(setting: string, hasFallback: boolean): Promise<SourceAddress | null> {
    try {
      return await this.#catalogue.resolve(setting);
    } catch (error) {
      if (!(error instanceof ReasonError)) throw error;
      if (this.#proven || (isPermanent(error.reason) && !hasFallback)) throw error;
      return null;
    }
  }

  /** What was asked for does not deliver: back to what is shown; what is waited for gets the slate. */
  #giveUpSwitch(reason: Problem | undefined): void {
    const refusal = this.#isWaitedFor ? undefined : reason;
    if (!this.#switch.giveUp({ back: refusal !== undefined })) return;
    this.#want();
    if (refusal) this.events.emit('refused', refusal);
    this.events.emit('changed');
  }

  #changed(process: SourceProcess): void {
    this.#adjust(process);
    const { reason } = process;
    if (process.id === this.#primary && reason && isPermanent(reason) && process.state === null) {
      if (this.#switch.former !== null) {
        this.#giveUpSwitch(reason);
        return;
      }
      if (!this.#proven && this.#fallback.length === 0) {
        this.events.emit('refused', reason);
        return;
      }
    }
    this.events.emit('changed');
  }

  #want(): void {
    const request = this.#current;
    const onAir = this.#request !== null && this.#primary !== null;
    if (request === null || (!onAir && this.#looked.size === 0)) {
      this.#desk.want([]);
      this.#overlay.follow();
      return;
    }
    const { width, height, framesPerSecond, rotate, slate } = request.video;
    const video = { width, height, framesPerSecond, rotate };
    const sound = this.#sound.wanted;
    const pictures = [
      this.#primary,
      this.#switch.former,
      ...this.#fallback,
      this.#warm,
      ...this.#looked.settings,
    ]
      .filter((id): id is string => id !== null)
      .map((id) => ({ id, resolve: () => this.#catalogue.resolve(id), video, sound }));
    const heard = this.#sound.wish(request.audio.source, () => this.#primary ?? this.#looked.settings[0]);
    const still: SourceWish[] = [];
    if (onAir && slate !== null) {
      const path = slate.replace(/^file:/, '');
      const resolve = async (): Promise<SourceAddress> => ({ kind: 'image', path });
      still.push({ id: slateProcess, resolve, video: { ...video, rotate: 0 }, sound: false });
    }
    const drawn = this.#overlay.wish(onAir ? request.overlay : null, video);
    this.#desk.want([...pictures, ...heard, ...still, ...drawn]);
    this.#overlay.follow();
    this.#overlay.update();
    for (const process of this.#desk.all) this.#adjust(process);
  }

  /** Two sources are kept warm beside each other: with a fallback, that is the other one. */
  get #warm(): string | null {
    return this.#fallback.length === 0 ? this.#switch.last : null;
  }
}
