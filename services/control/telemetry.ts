import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { PowerReading, SysfsPower } from '#core/hardware/power.ts';

const readEveryMs = 5_000;

/** The board's figures, read every 5 s and announced when they change. */
export class Telemetry {
  readonly events = new EventHub<{ telemetryChanged: PowerReading }>();
  readonly #power: Pick<SysfsPower, 'read'>;
  readonly #clock: Clock;
  #current: PowerReading = {
    batteryPercent: null,
    temperatureCelsius: null,
    throttled: false,
    underVoltage: false,
  };
  #stop: () => void = () => {};

  constructor(options: { power: Pick<SysfsPower, 'read'>; clock: Clock }) {
    this.#power = options.power;
    this.#clock = options.clock;
  }

  get current(): PowerReading {
    return this.#current;
  }

  async start(): Promise<void> {
    await this.#read();
    this.#stop = this.#clock.every(readEveryMs, () => void this.#read());
  }

  close(): void {
    this.#stop();
  }

  async #read(): Promise<void> {
    const reading = await this.#power.read();
    const changed = JSON.stringify(reading) !== JSON.stringify(this.#current);
    this.#current = reading;
    if (changed) this.events.emit('telemetryChanged', reading);
  }
}
