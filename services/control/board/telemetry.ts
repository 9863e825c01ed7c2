import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { DomainEvents } from '#core/domain/events.ts';
import { nothingKnown, type TelemetryReading } from '#core/domain/telemetry.ts';
import type { MachineFigures } from './machine-figures.ts';
import type { SysfsPower } from './power.ts';

/** Want of voltage may last no longer than this, and must be seen all the same. */
const alarmsEveryMs = 1_000;
const allEveryMs = 5_000;

interface Deps {
  power: Pick<SysfsPower, 'read' | 'readAlarms'>;
  machine: Pick<MachineFigures, 'read'>;
  clock: Clock;
}

/** The board's figures: read every 5 s, its alarms every second, and announced when they change. */
export class Telemetry {
  readonly events = new EventHub<Pick<DomainEvents, 'telemetryChanged'>>();
  readonly #deps: Deps;
  #current: TelemetryReading = nothingKnown;
  #reading = false;
  #allReadAtMs = 0;
  #stop: () => void = () => {};

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get current(): TelemetryReading {
    return this.#current;
  }

  /** Reads once, and from then on by itself. */
  async start(): Promise<void> {
    await this.#read(() => this.#readAll());
    this.#stop = this.#deps.clock.every(alarmsEveryMs, () => {
      const sinceMs = this.#deps.clock.monotonicMs() - this.#allReadAtMs;
      const due = sinceMs > allEveryMs - alarmsEveryMs / 2; // timers may be a little early
      void this.#read(() => (due ? this.#readAll() : this.#deps.power.readAlarms()));
    });
  }

  close(): void {
    this.#stop();
  }

  async #readAll(): Promise<TelemetryReading> {
    this.#allReadAtMs = this.#deps.clock.monotonicMs();
    const [power, machine] = await Promise.all([this.#deps.power.read(), this.#deps.machine.read()]);
    return { ...power, ...machine };
  }

  /** One at a time: a sensor that hangs (a gauge on a broken bus) must not gather readers. */
  async #read(reader: () => Promise<Partial<TelemetryReading>>): Promise<void> {
    if (this.#reading) return;
    this.#reading = true;
    try {
      const reading = { ...this.#current, ...(await reader()) };
      const changed = JSON.stringify(reading) !== JSON.stringify(this.#current);
      this.#current = reading;
      if (changed) this.events.emit('telemetryChanged', reading);
    } finally {
      this.#reading = false;
    }
  }
}
