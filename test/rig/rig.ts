import type { Browser } from 'playwright-core';
import { percentile } from '../support/percentile.ts';
import type { SerialLine } from './serial-line.ts';

/** What a board is measured with. */
export interface Rig {
  line: SerialLine;
  browser: Browser;
  /** Where the box's page is, such as "http://onair.local". */
  origin: string;
  /** How long the long run takes. */
  minutes: number;
}

/** Goes live where it is not, and resolves when pictures flow. */
export async function beLive({ line }: Rig): Promise<void> {
  await line.call('live');
  await line.until(({ broadcast, advancing }) => broadcast.state === 'live' && advancing, 60_000);
}

/** The middle, and the value that 95 of 100 stay below. */
export interface Spread {
  count: number;
  median: number;
  p95: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const round = (value: number): number => Math.round(value * 10) / 10;
  return {
    count: values.length,
    median: round(percentile(values, 0.5)),
    p95: round(percentile(values, 0.95)),
  };
}
