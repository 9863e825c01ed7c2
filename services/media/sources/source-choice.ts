import { EventEmitter } from 'node:events';
import { type MediaRequest, maskSecrets, type SourceList, withoutSecrets } from '#core/domain/media.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { IngestReport } from '#core/protocol/link/media.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { type AirPlan, slateId } from '../encoder/plan.ts';
import { ReasonError } from '../reason-error.ts';
import { isPermanent, reasonOf } from '../reasons.ts';
import type { Catalogue } from './catalogue.ts';
import type { SourceAddress } from './contract.ts';
import type { Machine } from './machine.ts';
import { resolveSound, type SoundChoice, sourceName } from './resolve.ts';
import { SourceDesk } from './source-desk.ts';
import type { ChildSource, SourceProcess, SourceWish } from './source-process.ts';

interface ChoiceEvents {
  /** The air plan, or what is known of a source, may be another one. */
  changed: [];
  /** The source that was asked for cannot be: what was shown before stays. */
  refused: [Problem];
}

/** Ids of processes that are not sources of pictures for the air; no setting reads like these. */
const soundPrefix = ':sound ';
const slateProcess = ':slate';
const overlayProcess = ':overlay';
/** A source that was asked for has so long to deliver, while what was on the air before stays there. */
const switchDeadlineMs = 10_000;
/** After another encoder was started, its sources have so long to be there before the slate is shown. */
const slateAfterRestartMs = 500;
/** Sources that others send to, or that are far away: they may not be there yet, and are waited for under the slate. */
const waitedFor: ReadonlySet<string> = new Set(['rtmp', 'srt', 'whip', 'rtsp', 'srt-caller']);

const minimalVideo = { width: 160, height: 120, framesPerSecond: 5, rotate: 0 } as const;

/**
 * Which sources run, and which of them may be on the air: the one that is wanted, what was shown before it until it
 * delivers, and those of `video.fallback`. Processes are called by the setting that means them.
 */
export class SourceChoice extends EventEmitter<ChoiceEvents> {
  readonly #catalogue: Catalogue;
  readonly #machine: Machine;
  readonly #ingest: () => IngestReport | null;
  readonly #desk: SourceDesk;
  #request: MediaRequest | null = null;
  /** What the settings come to, on the air or not. */
  #configured: MediaRequest | null = null;
  /** Sources that are looked at: their public ids, and the settings that mean them. */
  readonly #previews = new Map<string, string>();
  /** The setting of the source that is wanted; null while nothing is. */
  #primary: string | null = null;
  #kind: SourceAddress['kind'] = 'test';
  /** What stays on the air until the wanted one delivers. */
  #former: string | null = null;
  /** What was on the air before, kept warm. */
  #last: string | null = null;
  #sound: SoundChoice = 'own';
  #proven = false;
  #deadline: NodeJS.Timeout | null = null;
  /** The socket of the process that last drew over the pictures. */
  #drawnBy: string | null = null;

  constructor(options: {
    children: ChildSource<'source'>;
    catalogue: Catalogue;
    machine: Machine;
    /** Who publishes; null where nothing is taken. */
    ingest: () => IngestReport | null;
    logger: Logger;
  }) {
    super();
    this.#catalogue = options.catalogue;
    this.#machine = options.machine;
    this.#ingest = options.ingest;
    this.#desk = new SourceDesk(options);
    this.#desk.on('changed', (process) => this.#changed(process));
  }

  /** Pictures of a source have been on the air in this broadcast. */
  get proven(): boolean {
    return this.#proven;
  }

  /** Why the source that is wanted is not on the air; null where it may just be about to. @param slate it is shown */
  trouble(slate: boolean): Problem | null {
    if (slate && this.#request?.holdSlate) return reasonOf('slate-held');
    const process = this.#primaryProcess;
    const turnedAway = this.#publishedTo(this.#kind)?.notice;
    if (turnedAway && process?.state?.state === 'waiting') return turnedAway;
    return process?.reason ?? (slate ? (process?.silence(1_000) ?? null) : null);
  }

  /** What was asked for last has not delivered yet, and what was on the air before stays meanwhile. */
  get switching(): boolean {
    return this.#former !== null;
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
      if (id === overlayProcess) return [];
      const framesPerSecond = state?.video?.framesPerSecond ?? video.framesPerSecond;
      return socketPath === null
        ? []
        : [{ id, socketPath, intervalMs: 1_000 / Math.max(0.2, framesPerSecond) }];
    });
    const order = [this.#primary, this.#former, ...this.#fallback]
      .filter((id, at, all) => id !== null && all.indexOf(id) === at)
      .map((id) => ({ id: id as string, sound: this.#soundOf(id as string) }));
    return {
      sources: running,
      order: hold ? [] : order,
      hold,
      slateSource: this.#desk.get(slateProcess)?.state ? slateProcess : null,
      overlaySocket: this.#overlaySocket,
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
    const sound = await resolveSound(audio.source, address ?? { kind: 'test' }, this.#machine);
    this.#request = request;
    this.#sound = sound;
    this.#kind = address?.kind ?? this.#kind;
    if (primary !== this.#primary) this.#switchTo(primary);
    this.#handOver(primary, address);
    this.#want();
    this.emit('changed');
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
    if (this.#looked(id)) return;
    const request = this.#current;
    if (request === null) throw ReasonError.of('source-unknown', id);
    const setting = await this.#settingToLookAt(id, request);
    if (this.#request === null) {
      const address = await this.#catalogue.resolve(setting);
      this.#sound = await resolveSound(request.audio.source, address, this.#machine);
    }
    this.#previews.set(id, setting);
    this.#want();
  }

  /** Nobody looks at it any more. */
  letGo(id: string): void {
    if (this.#previews.delete(id)) this.#want();
  }

  /** The processes of a source that is looked at; `sound` is null where none is heard with it. */
  looked(id: string): { pictures: SourceProcess; sound: SourceProcess | null } | null {
    const pictures = this.#looked(id);
    if (!pictures) return null;
    const sound = this.#soundOf(pictures.id);
    return { pictures, sound: (sound === null ? null : this.#desk.get(sound)) ?? null };
  }

  stop(): void {
    this.#clearDeadline();
    this.#request = null;
    this.#primary = null;
    this.#former = null;
    this.#last = null;
    this.#proven = false;
    this.#want();
  }

  close(): void {
    this.#clearDeadline();
    this.#desk.close();
    this.removeAllListeners();
  }

  /** Something was plugged in or out. */
  retry(): void {
    this.#desk.retry();
  }

  /** The encoder shows this now. */
  shown(id: string): void {
    if (id === slateId || this.#primary === null) return;
    this.#proven = true;
    if (id === this.#primary && this.#former !== null) {
      this.#last = this.#former;
      this.#former = null;
      this.#clearDeadline();
      this.#want();
    }
    for (const process of this.#desk.all) process.setUse(process.id === id ? 'on-air' : 'warm');
    this.emit('changed');
  }

  setFresh(id: string, fresh: boolean): void {
    this.#desk.get(id)?.setFresh(fresh);
    this.emit('changed');
  }

  /** How people name what is shown. */
  nameOf(id: string | null): string {
    const shown = id === null || id === slateId ? this.#primary : id;
    const address = shown === null ? null : this.#desk.get(shown)?.address;
    return address ? sourceName(address) : withoutSecrets(shown ?? 'auto');
  }

  /** Why what is shown is another source than the one that is wanted; null where it is not. */
  substitute(id: string): Problem | null {
    if (id === this.#primary || id === this.#former || this.#primary === null) return null;
    const why = this.trouble(false);
    const shown = reasonOf('fallback-shown', this.nameOf(id));
    return why ? { ...why, message: `${why.message} ${shown.message}` } : shown;
  }

  /** What can be taken, and how it does. @param shown what is on the air */
  list(shown: string | null): SourceList {
    const process = shown === null || shown === slateId ? undefined : this.#desk.get(shown);
    const onAir = process ? this.#catalogue.idOf(process.id, process.address) : null;
    const sources = this.#catalogue.entries.map(({ id, name, kind, modes, setting }) => {
      const own = [...this.#desk.all].find((each) => this.#catalogue.idOf(each.id, each.address) === id);
      const shown = id === onAir;
      const playing = own?.state?.state === 'playing';
      const taken = setting.includes('://') ? null : this.#publishedTo(kind);
      if (taken) {
        const said = own?.reason?.code === 'no-publisher' && taken.publisher ? null : (own?.reason ?? null);
        const idle = taken.publisher === null || said !== null;
        const there = own?.state === null && said ? 'failed' : playing || !idle ? 'ready' : 'waiting';
        const reason = taken.reason ?? taken.notice ?? (shown || playing ? null : said);
        return {
          id,
          name,
          kind,
          setting: maskSecrets(setting),
          state: shown ? 'on-air' : there,
          reason,
          modes,
        } as const;
      }
      const reason = own?.reason ?? null;
      const waits = setting === 'rtmp' || setting === 'srt' || setting === 'whip';
      const state = shown ? 'on-air' : playing ? 'ready' : waits ? 'waiting' : reason ? 'failed' : 'ready';
      return {
        id,
        name,
        kind,
        setting: maskSecrets(setting),
        state,
        reason: shown ? null : reason,
        modes,
      } as const;
    });
    const microphones = [...this.#catalogue.microphones];
    return { sources, microphones, onAir, slate: shown === slateId };
  }

  get #primaryProcess(): SourceProcess | undefined {
    return this.#primary === null ? undefined : this.#desk.get(this.#primary);
  }

  #publishedTo(kind: string): IngestReport['rtmp'] | null {
    return kind === 'rtmp' || kind === 'srt' || kind === 'whip' ? (this.#ingest()?.[kind] ?? null) : null;
  }

  get #fallback(): string[] {
    return this.#request?.video.fallback ?? [];
  }

  get #current(): MediaRequest | null {
    return this.#request ?? this.#configured;
  }

  get #soundId(): string {
    return soundPrefix + (this.#current?.audio.source ?? '');
  }

  #running(id: string): SourceProcess | undefined {
    return [...this.#desk.all].find(
      (each) => !each.id.startsWith(':') && this.#catalogue.idOf(each.id, each.address) === id,
    );
  }

  #looked(id: string): SourceProcess | undefined {
    const setting = this.#previews.get(id);
    return (setting === undefined ? undefined : this.#desk.get(setting)) ?? this.#running(id);
  }

  /** The setting by which it would be on the air, so that it can go there as it runs: a camera opens once. */
  async #settingToLookAt(id: string, { video }: MediaRequest): Promise<string> {
    const configured = await this.#catalogue.resolve(video.source).catch(() => null);
    if (configured && this.#catalogue.idOf(video.source, configured) === id) return video.source;
    return this.#catalogue.settingOf(id);
  }

  /** What goes on the air under another name is looked at there: the process that shows it now ends first. */
  #handOver(primary: string, address: SourceAddress | null): void {
    for (const [id, setting] of this.#previews) {
      const shown = this.#desk.get(setting)?.address;
      if (address && shown && JSON.stringify(shown) === JSON.stringify(address))
        this.#previews.set(id, primary);
    }
  }

  get #isWaitedFor(): boolean {
    return waitedFor.has(this.#kind);
  }

  /** A camera that is running already is not started a second time under another name. */
  #settingOf(id: string): string {
    return this.#running(id)?.id ?? this.#catalogue.settingOf(id);
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

  #switchTo(primary: string): void {
    this.#clearDeadline();
    // One that was asked for meanwhile and never delivered is none to stay with.
    this.#former ??= this.#primary;
    if (this.#former === primary) this.#former = null;
    this.#primary = primary;
    if (this.#former === null) return;
    this.#deadline = setTimeout(() => this.#giveUpSwitch(), switchDeadlineMs);
  }

  /** What was asked for does not deliver: back to what is shown; what is waited for gets the slate. */
  #giveUpSwitch(
    reason = this.#primaryProcess?.reason ?? this.#primaryProcess?.silence(switchDeadlineMs),
  ): void {
    this.#clearDeadline();
    const former = this.#former;
    this.#former = null;
    if (former === null) return;
    if (!this.#isWaitedFor && reason) {
      this.#primary = former;
      this.#want();
      this.emit('refused', reason);
    } else this.#want();
    this.emit('changed');
  }

  #changed(process: SourceProcess): void {
    const { reason } = process;
    if (process.id === this.#primary && reason && isPermanent(reason) && process.state === null) {
      if (this.#former !== null) {
        this.#giveUpSwitch(reason);
        return;
      }
      if (!this.#proven && this.#fallback.length === 0) {
        this.emit('refused', reason);
        return;
      }
    }
    this.emit('changed');
  }

  #want(): void {
    const request = this.#current;
    const onAir = this.#request !== null && this.#primary !== null;
    if (request === null || (!onAir && this.#previews.size === 0)) {
      this.#desk.want([]);
      return;
    }
    const { width, height, framesPerSecond, rotate, slate } = request.video;
    const video = { width, height, framesPerSecond, rotate };
    const sound = this.#sound !== 'none';
    const pictures = [this.#primary, this.#former, ...this.#fallback, this.#warm, ...this.#previews.values()]
      .filter((id): id is string => id !== null)
      .map((id) => ({ id, resolve: () => this.#catalogue.resolve(id), video, sound }));
    const wishes: SourceWish[] = pictures;
    if (typeof this.#sound !== 'string') {
      const resolve = () => this.#resolveSound();
      wishes.push({ id: this.#soundId, resolve, video: minimalVideo, sound: true });
    }
    if (onAir && slate !== null) {
      const path = slate.replace(/^file:/, '');
      const resolve = async (): Promise<SourceAddress> => ({ kind: 'image', path });
      wishes.push({ id: slateProcess, resolve, video: { ...video, rotate: 0 }, sound: false });
    }
    const overlay = onAir ? request.overlay : null;
    if (overlay !== null) {
      const resolve = async (): Promise<SourceAddress> => {
        const current = this.#request?.overlay;
        return { kind: 'overlay', overlay: current ?? overlay };
      };
      // Colours above, their opacity below.
      const video = { width, height: 2 * height, framesPerSecond, rotate: 0 } as const;
      wishes.push({ id: overlayProcess, resolve, video, sound: false });
    }
    this.#desk.want(wishes);
    if (overlay !== null) this.#desk.get(overlayProcess)?.setOverlay(overlay);
  }

  /** A process that is started again leaves what it drew over the pictures meanwhile. */
  get #overlaySocket(): string | null {
    const process = this.#desk.get(overlayProcess);
    if (!process) {
      this.#drawnBy = null;
      return null;
    }
    this.#drawnBy = process.socketPath ?? this.#drawnBy;
    return this.#drawnBy;
  }

  /** Why clock, text or logo are not drawn as they should be; null where they are. */
  get overlayTrouble(): Problem | null {
    return this.#desk.get(overlayProcess)?.reason ?? null;
  }

  /** Two sources are kept warm beside each other: with a fallback, that is the other one. */
  get #warm(): string | null {
    return this.#fallback.length === 0 ? this.#last : null;
  }

  /** Looked for again at each start: a microphone may have come back under another number. */
  async #resolveSound(): Promise<SourceAddress> {
    const [looked] = this.#previews.values();
    const shown = this.#primary ?? looked;
    const address = shown === undefined ? null : this.#desk.get(shown)?.address;
    const request = this.#current;
    if (request && address) {
      const sound = await resolveSound(request.audio.source, address, this.#machine);
      if (typeof sound !== 'string') return sound;
    }
    if (typeof this.#sound === 'string') throw ReasonError.of('audio-unavailable', 'there is none');
    return this.#sound;
  }

  #soundOf(id: string): string | null {
    if (typeof this.#sound === 'string') return this.#sound === 'none' ? null : id;
    const kind = this.#desk.get(id)?.address?.kind;
    const auto = this.#current?.audio.source === 'auto';
    const camera = kind === 'v4l2' || kind === 'csi';
    return auto && !camera ? id : this.#soundId;
  }

  #clearDeadline(): void {
    if (this.#deadline) clearTimeout(this.#deadline);
    this.#deadline = null;
  }
}
