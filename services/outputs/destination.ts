import type { Clock } from '#core/domain/clock.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { FromOutputs, ToOutputs } from '#core/protocol/link/outputs.ts';
import { BackOff, wellAfterMs } from '#core/runtime/back-off.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { lineTooSlow, type SenderFailure, verdictOf } from './failure.ts';
import type { Sender, SenderStats } from './sender.ts';

type Payload<Type extends string> = Extract<ToOutputs | FromOutputs, { type: Type }>['payload'];
export type OutputSettings = Extract<ToOutputs, { type: 'outputs_configure' }>['payload']['outputs'][number];
export type OutputReport = Payload<'outputs_report'>['outputs'][number];

/** A line that comes back is to carry pictures within 5 s. */
const retryEveryMs = 2_000;
const refusedDelays = { firstMs: 2_000, maxMs: 30_000 };
/** So long without a picture left out, the line is quick enough again. */
const quickAgainAfterMs = 10_000;

interface DestinationOptions {
  settings: OutputSettings;
  /** A sender for one attempt. */
  makeSender: (settings: OutputSettings) => Sender;
  onChange: () => void;
  clock: Clock;
  logger: Logger;
}

/**
 * Sends to one destination for as long as it is open: an attempt every 2 s while the destination can't be reached,
 * and seldom where it answered and refused.
 */
export class Destination {
  readonly #options: DestinationOptions;
  readonly #refusals = new BackOff(refusedDelays);
  #sender: Sender | null = null;
  #cancelRetry: () => void = () => {};
  #state: OutputReport['state'] = 'connecting';
  #reason: Problem | null = null;
  #attemptAtMs = 0;
  #liveAtMs: number | null = null;
  #connections = 0;
  /** Of the attempts before this one. */
  #sentBefore = { bytes: 0, dropped: 0 };
  #stats: SenderStats = { bytesSent: 0, behindMs: 0, droppedFrames: 0 };
  #bitrateKbps: number | null = null;
  #droppedAtMs = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: DestinationOptions) {
    this.#options = options;
  }

  get settings(): OutputSettings {
    return this.#options.settings;
  }

  get report(): OutputReport {
    return {
      id: this.#options.settings.id,
      state: this.#state,
      reason: this.#reason,
      bitrateKbps: this.#state === 'live' ? this.#bitrateKbps : null,
      bytesSent: this.#sentBefore.bytes + this.#stats.bytesSent,
      reconnects: Math.max(0, this.#connections - 1),
      droppedFrames: this.#sentBefore.dropped + this.#stats.droppedFrames,
    };
  }

  start(): void {
    this.#attempt();
  }

  close(): void {
    this.#closed = true;
    this.#cancelRetry();
    this.#sender?.close();
    this.#sender = null;
  }

  #attempt(): void {
    if (this.#closed) return;
    const { makeSender, settings, clock } = this.#options;
    const sender = makeSender(settings);
    this.#sender = sender;
    this.#attemptAtMs = clock.monotonicMs();
    sender.events.on('connected', () => this.#connected());
    sender.events.on('stats', (stats) => this.#measure(stats));
    sender.events.on('failed', (failure) => this.#failed(failure));
    sender.start();
  }

  #connected(): void {
    const { clock, logger, settings, onChange } = this.#options;
    this.#liveAtMs = clock.monotonicMs();
    this.#connections += 1;
    this.#state = 'live';
    this.#reason = null;
    logger.info({ output: settings.id, connections: this.#connections }, 'the destination takes the stream');
    onChange();
  }

  #measure(stats: SenderStats): void {
    const { clock, onChange } = this.#options;
    const nowMs = clock.monotonicMs();
    if (stats.droppedFrames > this.#stats.droppedFrames) this.#droppedAtMs = nowMs;
    this.#bitrateKbps = Math.round(((stats.bytesSent - this.#stats.bytesSent) * 8) / 1_000);
    this.#stats = stats;
    const slow = nowMs - this.#droppedAtMs < quickAgainAfterMs;
    this.#reason = slow ? lineTooSlow(this.report.droppedFrames) : null;
    if (this.#liveAtMs !== null && nowMs - this.#liveAtMs > wellAfterMs) this.#refusals.reset();
    onChange();
  }

  #failed(failure: SenderFailure): void {
    const { clock, logger, settings, onChange } = this.#options;
    const nowMs = clock.monotonicMs();
    const liveMs = this.#liveAtMs === null ? 0 : nowMs - this.#liveAtMs;
    const { refused, reason } = verdictOf(settings.kind, failure, { liveMs, tookIt: this.#connections > 0 });
    const repeated = this.#reason?.code === reason.code;
    this.#sender = null;
    this.#liveAtMs = null;
    this.#sentBefore = {
      bytes: this.#sentBefore.bytes + this.#stats.bytesSent,
      dropped: this.#sentBefore.dropped + this.#stats.droppedFrames,
    };
    this.#stats = { bytesSent: 0, behindMs: 0, droppedFrames: 0 };
    this.#state = refused ? 'failed' : 'retrying';
    this.#reason = reason;
    if (!refused) this.#refusals.reset();
    const delayMs = refused ? this.#refusals.next() : Math.max(0, this.#attemptAtMs + retryEveryMs - nowMs);
    const { stage, domain, code, message } = failure;
    const level = repeated ? 'debug' : 'warn';
    logger[level]({ output: settings.id, reason: reason.code, stage, domain, code, message }, 'not sent');
    this.#cancelRetry = clock.after(delayMs, () => this.#attempt());
    onChange();
  }
}
