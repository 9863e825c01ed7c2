import type { LightPattern } from '#core/hardware/light/light.ts';

// Everything is made of these, in milliseconds lit and dark. Flashes begin 400 ms apart at least, so that there are
// never more than three in any second (WCAG 2.3.1).

const shortMs = 200;
const pauseMs = 1_400;

/** So many short flashes, then a pause. */
export function flashes(count: number, lastMs = pauseMs): LightPattern {
  return Array.from({ length: count * 2 }, (_, index) => (index === count * 2 - 1 ? lastMs : shortMs));
}

/** Lit, with so many short gaps. */
export function gaps(count: number): LightPattern {
  return Array.from({ length: count * 2 }, (_, index) => (index === 0 ? 2_000 : shortMs));
}

/** A long flash, then so many short ones, then a pause. */
export function longAndShort(count: number): LightPattern {
  return [800, 2 * shortMs, ...(flashes(count) as number[])];
}

/** Two long flashes, then a pause. */
export const twiceLong: LightPattern = [800, 2 * shortMs, 800, 2_000];

/** A very long flash, then each number as so many flashes that can be counted, with pauses between. */
export function counts(numbers: readonly number[]): LightPattern {
  const groups = numbers.map((number) => Array.from({ length: number }, () => [300, 400]).flat());
  const parted = groups.map((group, index) => [
    ...group.slice(0, -1),
    index === groups.length - 1 ? 5_000 : 2_000,
  ]);
  return [1_500, 1_500, ...parted.flat()];
}

/** One short flash now and then: all is well, and nothing is going on. */
export const seldom: LightPattern = [shortMs, 3_800];
/** What the kernel's `timer` trigger does by itself. */
export const evenly: LightPattern = [500, 500];
export const slowly: LightPattern = [1_500, 1_500];
export const quickly: LightPattern = [shortMs, shortMs];
/** Twice a second, for a moment. */
export const pips: LightPattern = [100, 400];
