import type { Clock } from '#core/domain/clock.ts';
import type { HistoryBody } from '#core/protocol/endpoints/box.ts';
import type { Telemetry } from '../board/telemetry.ts';
import type { BroadcastDirector } from '../broadcast/broadcast-director.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';

const intervalMs = 5_000;
const keptSamples = 120;

/** The last 10 minutes of the box in figures, one sample every 5 s; gone with a restart of control. */
export class History {
  readonly #options: {
    audience: Audience;
    broadcast: Broadcast;
    director: BroadcastDirector;
    telemetry: Telemetry;
    clock: Clock;
  };
  readonly #samples: HistoryBody['samples'] = [];
  #delayMs: number | null = null;
  #stop: () => void = () => {};

  constructor(options: {
    audience: Audience;
    broadcast: Broadcast;
    director: BroadcastDirector;
    telemetry: Telemetry;
    clock: Clock;
  }) {
    this.#options = options;
  }

  start(): void {
    this.#sample();
    this.#stop = this.#options.clock.every(intervalMs, () => this.#sample());
  }

  /** `GET /api/v1/history` */
  get body(): HistoryBody {
    return { intervalSeconds: intervalMs / 1_000, samples: this.#samples };
  }

  /** A viewer says how far behind live it shows pictures; the worst of an interval counts. */
  noteDelay(delayMs: number): void {
    this.#delayMs = Math.max(this.#delayMs ?? 0, delayMs);
  }

  close(): void {
    this.#stop();
  }

  #sample(): void {
    const { audience, broadcast, director, telemetry, clock } = this.#options;
    const { batteryPercent, temperatureCelsius, throttled, processorBusyRatio } = telemetry.current;
    const onAir = broadcast.wanted;
    const bitrateKbps = onAir ? director.measuredBitrateKbps : null;
    this.#samples.push({
      at: new Date(clock.nowMs()).toISOString(),
      viewers: audience.viewers,
      bitrateKbps: bitrateKbps === null ? null : Math.round(bitrateKbps),
      framesPerSecond: onAir ? (director.progress?.framesPerSecond ?? null) : null,
      delayMs: onAir ? this.#delayMs : null,
      batteryPercent,
      temperatureCelsius,
      throttled,
      processorBusyRatio,
    });
    this.#delayMs = null;
    if (this.#samples.length > keptSamples) this.#samples.shift();
  }
}
