import { type LightPattern, periodOf } from '#core/hardware/light/light.ts';

/** What looks like a short flash, or a short gap. */
const shortMs = 250;

/** A pattern in words: "on", "flashes 2x every 2 s", "goes out 3x every 4 s". */
export function wordsFor(pattern: LightPattern): string {
  if (typeof pattern === 'string') return pattern;
  const lit = pattern.filter((_, index) => index % 2 === 0);
  const dark = pattern.filter((_, index) => index % 2 === 1);
  const every = `every ${periodOf(pattern) / 1_000} s`;
  const [firstMs = 0, ...restMs] = lit;
  if (lit.length === 1 && firstMs === dark[0]) return `blinks evenly ${every}`;
  if (lit.every((ms) => ms <= shortMs)) return `flashes ${lit.length}x ${every}`;
  if (dark.every((ms) => ms <= shortMs)) return `goes out ${dark.length}x ${every}`;
  return `flashes long and ${restMs.length}x short ${every}`;
}
