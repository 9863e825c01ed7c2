import type { BroadcastState } from '#core/domain/broadcast-state.ts';
import type { LightState } from '#core/hardware/light/light.ts';
import type { ButtonPhase } from './button.ts';

/** All that the lights depend on. */
export interface PanelView {
  /** Null while control is away. */
  state: BroadcastState | null;
  /** Frames and packets advanced within the last second. */
  advancing: boolean;
  viewers: number;
  phase: ButtonPhase;
  /** A press could not be acted on. */
  problem: boolean;
}

const slowMs = 2_000;
const quickMs = 1_000;

/**
 * What the lights show. Red steady means one thing only: pictures really flow. Everything is told apart by the number
 * of flashes and of lights, also by who can't tell red from green, and nothing flashes more than three times a second
 * (WCAG 2.3.1).
 */
export function lightsFor(view: PanelView): LightState {
  if (view.phase === 'warning')
    return { red: { flashes: 3, periodMs: quickMs }, green: { flashes: 3, periodMs: quickMs } };
  if (view.problem) return { red: { flashes: 3, periodMs: slowMs }, green: 'on' };
  switch (view.state) {
    case null: // control is away: it comes back by itself
      return { red: 'off', green: { flashes: 4, periodMs: slowMs } };
    case 'offline':
      return { red: 'off', green: 'on' };
    case 'starting':
      return { red: { flashes: 1, periodMs: quickMs }, green: 'on' };
    case 'stopping':
      return { red: 'off', green: { flashes: 1, periodMs: quickMs } };
    case 'live':
      if (!view.advancing) return missing;
      return { red: 'on', green: view.viewers > 0 ? 'on' : { flashes: 2, periodMs: slowMs } };
    case 'retrying':
      return missing;
    case 'failed':
      return { red: { flashes: 3, periodMs: slowMs }, green: 'off' };
  }
}

/** On air, and pictures are missing. */
const missing: LightState = { red: { flashes: 2, periodMs: slowMs }, green: 'off' };
