import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { TelemetryReading } from '#core/domain/telemetry.ts';

/** What power and heat are judged by. */
export type PowerFigures = Pick<
  TelemetryReading,
  'batteryPercent' | 'charging' | 'temperatureCelsius' | 'throttled' | 'underVoltage'
>;

export type PowerCondition = 'too-hot' | 'under-voltage' | 'battery-low';

export interface PowerState {
  /** How many rungs below the set quality (`quality-rungs.ts`); 0 is what was set. */
  rung: number;
  conditions: PowerCondition[];
  /** The battery dies within minutes: whatever is on air is to be ended while that can still be done cleanly. */
  exhausted: boolean;
}

/** °C from which on a board is too hot, and at which it has cooled down again. */
export interface HeatLimits {
  tooHotCelsius: number;
  cooledCelsius: number;
}

/** The firmware of a Raspberry Pi begins to throttle at 80 °C: step down before it does. */
export const boardHeatLimits: HeatLimits = { tooHotCelsius: 77, cooledCelsius: 70 };
/** A laptop that runs the demo is made for more. */
export const computerHeatLimits: HeatLimits = { tooHotCelsius: 97, cooledCelsius: 90 };

/** Why a broadcast is ended before the battery does it. */
export const batteryEmpty: Problem = {
  code: 'battery-empty',
  message: 'The battery is almost empty, so the broadcast was ended.',
  action: 'Connect a power supply, then press the button again.',
};

const battery = { lowPercent: 15, recoveredPercent: 20, exhaustedPercent: 3, revivedPercent: 6 };
/** A rung needs this long to show in the temperature before the next one is tried. */
const nextRungAfterMs = 45_000;
/** Nothing may be wrong for this long before quality goes up by one rung. */
const upAfterMs = 90_000;

/**
 * Decides from the board's figures by how many rungs quality is to be lowered, with hysteresis: down at once, further
 * down while it doesn't help, up again rung by rung after a quiet time. Pure: it is told the time.
 */
export class PowerPolicy {
  readonly #limits: HeatLimits;
  readonly #lowestRung: number;
  #state: PowerState = { rung: 0, conditions: [], exhausted: false };
  #steppedAtMs = Number.NEGATIVE_INFINITY;
  #quietSinceMs: number | null = null;

  /** @param options.lowestRung how far down it may go */
  constructor(options: { limits: HeatLimits; lowestRung: number }) {
    this.#limits = options.limits;
    this.#lowestRung = options.lowestRung;
  }

  get state(): PowerState {
    return this.#state;
  }

  /** @param nowMs monotonic */
  observe(figures: PowerFigures, nowMs: number): PowerState {
    const before = this.#state;
    const conditions = this.#conditions(figures, before.conditions);
    const rung = this.#rung(figures, conditions, before, nowMs);
    if (rung !== before.rung) this.#steppedAtMs = nowMs;
    this.#state = { rung, conditions, exhausted: isExhausted(figures, before.exhausted) };
    return this.#state;
  }

  #conditions(figures: PowerFigures, before: readonly PowerCondition[]): PowerCondition[] {
    const { temperatureCelsius, throttled, underVoltage, batteryPercent, charging } = figures;
    const limit = before.includes('too-hot') ? this.#limits.cooledCelsius : this.#limits.tooHotCelsius;
    const hot = temperatureCelsius !== null && temperatureCelsius >= limit;
    const lowPercent = before.includes('battery-low') ? battery.recoveredPercent : battery.lowPercent;
    const low = batteryPercent !== null && batteryPercent < lowPercent && charging !== true;
    const found: PowerCondition[] = [];
    // Want of voltage throttles as well, and is another trouble: it needs a better supply, not cooling.
    if (hot || (throttled === true && underVoltage !== true)) found.push('too-hot');
    if (underVoltage === true) found.push('under-voltage');
    if (low) found.push('battery-low');
    return found;
  }

  #rung(
    { temperatureCelsius, throttled, underVoltage }: PowerFigures,
    conditions: readonly PowerCondition[],
    before: PowerState,
    nowMs: number,
  ): number {
    if (conditions.length === 0) {
      this.#quietSinceMs ??= nowMs;
      const sinceMs = Math.max(this.#quietSinceMs, this.#steppedAtMs);
      return before.rung > 0 && nowMs - sinceMs >= upAfterMs ? before.rung - 1 : before.rung;
    }
    this.#quietSinceMs = null;
    // An empty battery gets no fuller by rung after rung, and what cools down already needs only time.
    const hot = temperatureCelsius !== null && temperatureCelsius >= this.#limits.tooHotCelsius;
    const presses = hot || throttled === true || underVoltage === true;
    const isNew = conditions.some((condition) => !before.conditions.includes(condition));
    if (isNew && before.rung === 0) return Math.min(1, this.#lowestRung);
    if (presses && nowMs - this.#steppedAtMs >= nextRungAfterMs)
      return Math.min(before.rung + 1, this.#lowestRung);
    return before.rung;
  }
}

function isExhausted({ batteryPercent, charging }: PowerFigures, before: boolean): boolean {
  if (batteryPercent === null || charging === true) return false;
  return before ? batteryPercent < battery.revivedPercent : batteryPercent <= battery.exhaustedPercent;
}

interface Deps {
  policy: PowerPolicy;
  figures: () => PowerFigures;
  clock: Clock;
}

/** The policy at work: fed with each reading and, so that quiet times end, once a second; says what changes. */
export class PowerWatch {
  readonly events = new EventHub<{ powerChanged: { previous: PowerState; current: PowerState } }>();
  readonly #deps: Deps;
  #stop: () => void = () => {};

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get state(): PowerState {
    return this.#deps.policy.state;
  }

  start(): void {
    this.look();
    this.#stop = this.#deps.clock.every(1_000, () => this.look());
  }

  close(): void {
    this.#stop();
  }

  /** At each new reading. */
  look(): void {
    const previous = this.#deps.policy.state;
    const current = this.#deps.policy.observe(this.#deps.figures(), this.#deps.clock.monotonicMs());
    const changed =
      previous.rung !== current.rung ||
      previous.exhausted !== current.exhausted ||
      previous.conditions.join() !== current.conditions.join();
    if (changed) this.events.emit('powerChanged', { previous, current });
  }
}
