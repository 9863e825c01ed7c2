import type { BroadcastState } from '#core/domain/broadcast-state.ts';
import type { LightPattern, LightState } from '#core/hardware/light/light.ts';
import type { FingerprintPlace } from '#core/protocol/endpoints/certificate.ts';
import type { PanelCondition } from '#core/protocol/link/panel.ts';
import type { ButtonPhase } from './button.ts';
import { type AsideRow, accessPoint, asides, type LightRow, lightTable, proofRow } from './light-table.ts';

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
  /** Somebody asks to become operator, or may. */
  pairing: boolean;
  /** Somebody asks the lights to prove the box, or they do. */
  proof: 'asked' | FingerprintPlace | null;
  conditions: readonly PanelCondition[];
}

const asideOf: Record<Exclude<PanelCondition, 'access-point'>, keyof typeof asides> = {
  'battery-low': 'battery',
  'too-hot': 'power',
  'under-voltage': 'power',
  'settings-wrong': 'settings',
  'output-failing': 'output',
  'no-network': 'network',
};

/** What a board's lights show; where there is one, `red` says what it shows. */
export function lightsFor(view: PanelView, count: 0 | 1 | 2 = 2): LightState {
  const row = rowFor(view);
  const green = asideFor(view, row);
  if (count < 2) return { red: oneLight(view, row, green), green: 'off' };
  return { red: row.red, green: green?.green ?? row.green };
}

function rowFor(view: PanelView): LightRow {
  if (view.phase === 'warning') return lightTable.reset;
  if (view.problem) return lightTable.refused;
  switch (view.state) {
    case null:
      return lightTable.booting;
    case 'offline':
      return lightTable.ready;
    case 'live':
      if (!view.advancing) return lightTable.retrying;
      return view.viewers > 0 ? lightTable.watched : lightTable.live;
    default:
      return lightTable[view.state];
  }
}

/** What the green light says instead of its own; null for nothing. */
function asideFor(view: PanelView, row: LightRow): AsideRow | null {
  const { reset, refused, booting, stopping } = lightTable;
  if (row === reset || row === refused || row === booting) return null;
  if (view.pairing) return asides.pairing;
  if (view.proof === 'asked') return asides.proofAsked;
  if (view.proof !== null) return proofRow(view.proof);
  if (row === stopping) return null; // over in a moment, and would look like being ready
  const named = view.conditions.flatMap((one) => (one === 'access-point' ? [] : [asideOf[one]]));
  for (const [name, aside] of Object.entries(asides)) {
    if (named.includes(name as keyof typeof asides)) return aside;
  }
  const apart = view.conditions.includes('access-point') && view.state === 'offline';
  return apart ? { ...accessPoint, onAir: accessPoint.green } : null;
}

/** One light has room for one thing: what is wrong on air comes before what is wrong besides. */
function oneLight(view: PanelView, row: LightRow, aside: AsideRow | null): LightPattern {
  if (aside === null) return row.one;
  if (view.pairing || view.proof !== null) return aside.green; // somebody stands before it and asked
  if (row === lightTable.watched || row === lightTable.live) return aside.onAir;
  return view.state === 'offline' ? aside.green : row.one;
}
