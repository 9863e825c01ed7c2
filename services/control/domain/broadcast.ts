import type { BroadcastState } from '#core/domain/broadcast-state.ts';
import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { BroadcastSnapshot, DomainEvents, EndReason } from '#core/domain/events.ts';
import { isOnAir } from '#core/domain/on-air.ts';
import type { Problem } from '#core/domain/problem.ts';
import {
  lateness,
  mediaAway,
  noMedia,
  noPictures,
  ownFaults,
  resuming,
  silence,
  slowStart,
} from './broadcast-reasons.ts';
import { liveWithoutPictureMs } from './picture-flow.ts';

/** What must survive a crash of control, and not a reboot (design.md, "The way through it"). */
export interface DesiredBroadcast {
  live: boolean;
  /** ISO 8601; of the broadcast on air. */
  startTime: string | null;
  /** The same by the clock that does not jump, CLOCK_MONOTONIC: it outlives control, and not the machine. */
  startedAtMs?: number | undefined;
}

/** What media says of its pipeline, as far as the broadcast cares. */
export interface PipelineReport {
  state: 'idle' | 'starting' | 'running' | 'retrying' | 'refused';
  reason: Problem | null;
  /** Viewers see the slate: the encoder runs, and waits for its source. */
  slate?: boolean | undefined;
}

type OwnEvents = Pick<
  DomainEvents,
  | 'broadcastChanged'
  | 'broadcastStarted'
  | 'broadcastEnded'
  | 'broadcastAborted'
  | 'broadcastInterrupted'
  | 'broadcastResumed'
  | 'broadcastMissed'
  | 'broadcastReturned'
> & { desiredChanged: DesiredBroadcast };

/** How long going live may take where media has no picture under way. */
const startTimeoutMs = 10_000;
/** A source that is there and gives nothing is waited for up to this. */
const lateStartTimeoutMs = 60_000;
/** One of which media has nothing to complain is on its way, on a busy board or in an emulator: up to this. */
const slowStartTimeoutMs = 300_000;
/** Media is asked to stop; after this the broadcast is offline anyway. */
const stopTimeoutMs = 2_000;
/** The wall clock is set by steps; what it is slewed by is less than this. */
const clockStepMs = 10_000;
/** After so long without pictures a broadcast counts as missed (design.md, "Five documented protocols"). */
const missedAfterMs = 60_000;

/**
 * The broadcast state machine: offline → starting → live → stopping → offline, with `retrying` while
 * pictures are missing and `failed` where going live was refused. `retrying` never gives up: the broadcast and its start
 * time go on until stop. After 60 s without pictures it counts as missed until they return: Nova says that it ended.
 */
export class Broadcast {
  readonly events = new EventHub<OwnEvents>();
  readonly #clock: Clock;
  #snapshot: BroadcastSnapshot = { state: 'offline', startTime: null, reason: null };
  #pipeline: PipelineReport = { state: 'idle', reason: null };
  #mediaHere = false;
  #missed = false;
  /** By the clock that does not jump: network time may set the other one in mid-broadcast. */
  #startedAtMs = 0;
  #lastPictureAtMs = 0;
  #cancelDeadline: () => void = () => {};
  #cancelPictureTimer: () => void = () => {};

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  get snapshot(): BroadcastSnapshot {
    return this.#snapshot;
  }

  /** Whether pictures are wanted: what media is to be told. */
  get wanted(): boolean {
    return isOnAir(this.#snapshot.state);
  }

  /** How long pictures have flowed, or had when they ceased: 0 while nothing is on. By the clock that does not jump. */
  get durationMs(): number {
    const { state, startTime } = this.#snapshot;
    if (startTime === null) return 0;
    const untilMs = state === 'live' ? this.#clock.monotonicMs() : this.#lastPictureAtMs;
    return Math.max(0, untilMs - this.#startedAtMs);
  }

  /** On the air for more than 60 s without pictures. */
  get missed(): boolean {
    return this.#missed;
  }

  /** After a crash of control: what was on air goes on under the same start time. */
  restore(desired: DesiredBroadcast): void {
    if (!desired.live) return;
    if (desired.startTime !== null) {
      const nowMs = this.#clock.monotonicMs();
      const beforeMs = Math.max(0, this.#clock.nowMs() - Date.parse(desired.startTime));
      const { startedAtMs = nowMs - beforeMs } = desired;
      this.#startedAtMs = Math.min(startedAtMs, nowMs);
      this.#lastPictureAtMs = nowMs; // until control died just now
    }
    this.#to('retrying', { startTime: desired.startTime, reason: resuming });
    this.#deadline(missedAfterMs, () => this.#miss());
  }

  /** Go live. On air already: nothing changes. */
  start(): void {
    if (this.wanted) return;
    this.#pipeline = { state: 'idle', reason: null };
    this.#to('starting', { startTime: null, reason: null });
    this.#saveDesired();
    this.#deadline(startTimeoutMs, () => this.#considerStart());
  }

  /** Stop. Not on air: a failure that was shown is put away, else nothing changes. */
  stop(): void {
    if (this.#snapshot.state === 'failed') this.#to('offline', { startTime: null, reason: null });
    if (!this.wanted) return;
    this.#end('broadcaster_ended');
    this.#to('stopping', { startTime: null, reason: null });
    this.#saveDesired();
    if (this.#mediaHere) this.#deadline(stopTimeoutMs, () => this.#stopped());
    else this.#stopped();
  }

  /** Ends it for a reason of the box itself: viewers hear why, then that it is over. Not on air: nothing changes. */
  abort(reason: Problem): void {
    if (!this.wanted) return;
    this.events.emit('broadcastAborted', { reason });
    this.#end('error');
    this.#fail(reason);
  }

  /** Media says how its pipeline does. */
  reportPipeline(report: PipelineReport): void {
    this.#pipeline = report;
    this.#mediaHere = true;
    const { state } = this.#snapshot;
    if (state === 'stopping' && report.state === 'idle') this.#stopped();
    else if (state === 'starting' && report.state === 'refused')
      this.#fail(report.reason ?? noPictures(startTimeoutMs));
    else if (state === 'starting' && report.state === 'retrying' && report.slate) {
      // Viewers see something, and it waits for as long as it takes: a publisher who has yet to come, say.
      this.#cancelDeadline();
      this.#to('retrying', { startTime: null, reason: report.reason ?? silence });
    } else if (state === 'starting' && report.state !== 'idle') {
      const reason = report.state === 'retrying' ? report.reason : null;
      this.#to('starting', { startTime: null, reason });
    } else if (state === 'live' && (report.state === 'retrying' || report.state === 'refused')) {
      this.#interrupt(report.reason ?? silence);
    } else if (state === 'live' && report.state === 'running') {
      this.#to('live', { startTime: this.#snapshot.startTime, reason: report.reason });
    } else if (state === 'retrying' && report.reason) {
      this.#to('retrying', { startTime: this.#snapshot.startTime, reason: report.reason });
    }
  }

  /** The media service went away; it is expected back. */
  loseMedia(): void {
    this.#pipeline = { state: 'idle', reason: null };
    this.#mediaHere = false;
    const { state, startTime } = this.#snapshot;
    if (state === 'live') this.#interrupt(mediaAway);
    else if (state === 'starting' || state === 'retrying') this.#to(state, { startTime, reason: mediaAway });
    else if (state === 'stopping') this.#stopped();
  }

  /**
   * A picture went all the way to where viewers get it.
   * @param retriesAfterMs without another one, pictures are missed after this
   */
  seePicture(retriesAfterMs = liveWithoutPictureMs(0)): void {
    const { state, startTime } = this.#snapshot;
    this.#lastPictureAtMs = this.#clock.monotonicMs();
    if (state === 'starting' || (state === 'retrying' && startTime === null)) this.#goLive();
    else if (state === 'retrying' && startTime !== null) {
      this.#cancelDeadline();
      const missed = this.#missed;
      this.#missed = false;
      this.#to('live', { startTime, reason: this.#refusal });
      this.events.emit('broadcastResumed', { startTime });
      if (missed) this.events.emit('broadcastReturned', { startTime });
    }
    if (this.#snapshot.state === 'live') this.#watchPictures(retriesAfterMs);
    this.#followWallClock();
  }

  /** Ends all timers. */
  close(): void {
    this.#cancelDeadline();
    this.#cancelPictureTimer();
  }

  /** Why what runs is not what was asked for: new settings that cannot work leave the former ones on air. */
  get #refusal(): Problem | null {
    return this.#pipeline.state === 'running' ? this.#pipeline.reason : null;
  }

  /** What moves, or is only late, may still become a picture: it is told, and waited for. What was refused has failed before. */
  #considerStart(): void {
    const { state, reason } = this.#pipeline;
    const moves = reason === null && (state === 'starting' || state === 'running');
    if (!this.#mediaHere) this.#fail(noMedia);
    else if (moves || lateness.has(reason?.code ?? '')) {
      this.#to('starting', { startTime: null, reason: reason ?? slowStart });
      this.#deadline(lateStartTimeoutMs - startTimeoutMs, () => this.#considerLateStart());
    } else this.#fail(reason ?? noPictures(startTimeoutMs));
  }

  #considerLateStart(): void {
    const { state, reason } = this.#pipeline;
    const giveUp = (afterMs: number): void => {
      const problem = noPictures(afterMs);
      const late = this.#pipeline.reason;
      // Media says that it tries again, and it will not: it is told to stop.
      if (this.#mediaHere) this.#fail(late ? { ...late, action: problem.action } : problem);
      else this.#fail(noMedia);
    };
    if (this.#mediaHere && reason === null && (state === 'starting' || state === 'running'))
      this.#deadline(slowStartTimeoutMs - lateStartTimeoutMs, () => giveUp(slowStartTimeoutMs));
    else giveUp(lateStartTimeoutMs);
  }

  #goLive(): void {
    const startTime = new Date(this.#clock.nowMs()).toISOString();
    this.#startedAtMs = this.#clock.monotonicMs();
    this.#cancelDeadline();
    this.#to('live', { startTime, reason: this.#refusal });
    this.#saveDesired();
    this.events.emit('broadcastStarted', { startTime });
  }

  /** A board without a clock of its own knows when it began once network time has set its clock. */
  #followWallClock(): void {
    const { state, startTime, reason } = this.#snapshot;
    if (state !== 'live' || startTime === null) return;
    const startedAtMs = this.#clock.nowMs() - (this.#clock.monotonicMs() - this.#startedAtMs);
    if (Math.abs(startedAtMs - Date.parse(startTime)) < clockStepMs) return;
    this.#to('live', { startTime: new Date(startedAtMs).toISOString(), reason });
    this.#saveDesired();
  }

  #watchPictures(retriesAfterMs: number): void {
    this.#cancelPictureTimer();
    this.#cancelPictureTimer = this.#clock.after(retriesAfterMs, () => {
      if (this.#snapshot.state === 'live') this.#interrupt(this.#pipeline.reason ?? silence);
    });
  }

  #interrupt(reason: Problem): void {
    this.#to('retrying', { startTime: this.#snapshot.startTime, reason });
    this.events.emit('broadcastInterrupted', { reason });
    this.#deadline(missedAfterMs, () => this.#miss());
  }

  /** The broadcast goes on, and its source is waited for, as an unattended box must. */
  #miss(): void {
    const { startTime, reason } = this.#snapshot;
    if (reason?.code === resuming.code) this.#to('retrying', { startTime, reason: mediaAway }); // it never came
    if (startTime === null) return;
    this.#missed = true;
    const durationSeconds = Math.round(this.durationMs / 1000);
    const code = ownFaults.has(reason?.code ?? '') ? 'error' : 'connection_lost';
    this.events.emit('broadcastMissed', { startTime, durationSeconds, reason: code });
  }

  #fail(reason: Problem): void {
    this.#to('failed', { startTime: null, reason });
    this.#saveDesired();
  }

  #stopped(): void {
    this.#cancelDeadline();
    this.#to('offline', { startTime: null, reason: null });
  }

  #end(reason: EndReason): void {
    const { startTime } = this.#snapshot;
    if (startTime === null) return;
    const durationSeconds = Math.round(this.durationMs / 1000);
    this.events.emit('broadcastEnded', { startTime, durationSeconds, reason });
    this.#missed = false;
  }

  #to(state: BroadcastState, { startTime, reason }: Omit<BroadcastSnapshot, 'state'>): void {
    const previous = this.#snapshot;
    if (
      previous.state === state &&
      previous.startTime === startTime &&
      previous.reason?.code === reason?.code &&
      previous.reason?.message === reason?.message
    )
      return;
    if (state !== 'live') this.#cancelPictureTimer();
    if (state === 'failed' || state === 'offline') this.#cancelDeadline();
    this.#snapshot = { state, startTime, reason };
    this.events.emit('broadcastChanged', { previous, current: this.#snapshot });
  }

  #saveDesired(): void {
    const { startTime } = this.#snapshot;
    const started = startTime === null ? {} : { startedAtMs: this.#startedAtMs };
    this.events.emit('desiredChanged', { live: this.wanted, startTime, ...started });
  }

  #deadline(delayMs: number, reached: () => void): void {
    this.#cancelDeadline();
    this.#cancelDeadline = this.#clock.after(delayMs, reached);
  }
}
