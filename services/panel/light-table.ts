import type { LightPattern } from '#core/hardware/light/light.ts';
import type { FingerprintPlace } from '#core/protocol/endpoints/certificate.ts';
import {
  counts,
  evenly,
  flashes,
  gaps,
  longAndShort,
  pips,
  quickly,
  seldom,
  slowly,
  twiceLong,
} from './light-patterns.ts';

/** What the lights say: on two lights, and on one where a board has just one. */
export interface LightRow {
  /** For people: what it means, and what to do where that isn't plain. */
  meaning: string;
  red: LightPattern;
  green: LightPattern;
  one: LightPattern;
}

/**
 * How things stand, each told apart from all others by rhythm alone, also by who can't tell red from green and where
 * there is one light only. Steady red means one thing: pictures really flow.
 */
export const lightTable = {
  booting: { meaning: 'Starting up: wait a moment', red: 'off', green: evenly, one: evenly },
  ready: { meaning: 'Ready: press to go live', red: 'off', green: 'on', one: seldom },
  starting: { meaning: 'Going live', red: pips, green: 'on', one: pips },
  stopping: { meaning: 'Ending the broadcast', red: 'off', green: pips, one: pips },
  watched: { meaning: 'Live, and somebody watches', red: 'on', green: 'on', one: 'on' },
  live: { meaning: 'Live, nobody watches yet', red: 'on', green: gaps(1), one: gaps(1) },
  retrying: {
    meaning: 'On air, but pictures are missing: look at the camera; it tries again by itself',
    red: flashes(2),
    green: 'off',
    one: flashes(2),
  },
  failed: {
    meaning: 'Going live failed: the page and `onair status` say why; press to try again',
    red: flashes(3),
    green: 'off',
    one: flashes(3),
  },
  refused: {
    meaning: 'That press could not be acted on: press again',
    red: flashes(4),
    green: 'off',
    one: flashes(4),
  },
  reset: {
    meaning: 'Settings are reset at 10 s: let go now to keep them',
    red: quickly,
    green: quickly,
    one: quickly,
  },
} as const satisfies Record<string, LightRow>;

/** Shown by the green light beside whatever red says; `onAir` is how one light says it while live. */
export interface AsideRow {
  meaning: string;
  green: LightPattern;
  onAir: LightPattern;
}

/** What the green light has to say besides, the most urgent first. */
export const asides = {
  pairing: {
    meaning: 'Somebody asks to operate this box: hold the button for 3 s to allow it',
    green: slowly,
    onAir: slowly,
  },
  proofAsked: {
    meaning: 'A page asks the lights to prove the box: hold the button for 3 s, and count what green flashes',
    green: twiceLong,
    onAir: twiceLong,
  },
  battery: { meaning: 'Battery low: plug it in', green: longAndShort(5), onAir: gaps(5) },
  power: {
    meaning: 'Too hot, or the power supply is too weak: quality is lowered',
    green: longAndShort(4),
    onAir: gaps(4),
  },
  settings: {
    meaning: 'Something is set wrong, or a part fails: `onair doctor` says what',
    green: longAndShort(3),
    onAir: gaps(3),
  },
  output: {
    meaning: 'A destination does not take the stream: `onair outputs` says why',
    green: longAndShort(6),
    onAir: gaps(6),
  },
  network: { meaning: 'No network: check the cable or the Wi-Fi', green: longAndShort(2), onAir: gaps(2) },
} as const satisfies Record<string, AsideRow>;

/** The box proves itself: a digit of its authority's fingerprint, after where it stands. */
export function proofRow({ row, column, digit }: FingerprintPlace): AsideRow {
  const pattern = counts([row, column, digit]);
  return {
    meaning: `A digit of the box’s fingerprint: row ${row}, column ${column}, and there a ${digit}`,
    green: pattern,
    onAir: pattern,
  };
}

/** Only while not on air: it is a way in, no fault. */
export const accessPoint = {
  meaning: 'The box is its own Wi-Fi network: join it to set up the real one',
  green: longAndShort(1),
} as const;

/** The kernel's own last word, on all lights, when the panel is dead: for minutes, then dark. */
export const nobodyThere: LightPattern = flashes(5, 6_200);
export const nobodyThereMeaning =
  'The panel service is dead: `onair logs` says why; it is started again by itself';
