import { type LightPattern, periodOf } from '#core/hardware/light/light.ts';

/** What looks like a short flash, or a short gap. */
const shortMs = 250;

/** From here on a flash is a long one. */
const longMs = 800;
/** From here on a dark stretch parts what is counted apart. */
const pauseMs = 1_000;

/** A pattern in words: "on", "flashes 2x every 2 s", "goes out 3x every 4 s", "flashes long, 3x, 5x, 7x every 20 s". */
export function wordsFor(pattern: LightPattern): string {
  if (typeof pattern === 'string') return pattern;
  const lit = pattern.filter((_, index) => index % 2 === 0);
  const dark = pattern.filter((_, index) => index % 2 === 1);
  const every = `every ${periodOf(pattern) / 1_000} s`;
  const [firstMs = 0, ...restMs] = lit;
  if (lit.length === 1 && firstMs === dark[0]) return `blinks evenly ${every}`;
  if (dark.every((ms) => ms <= shortMs)) return `goes out ${dark.length}x ${every}`;
  const groups = countedApart(lit, dark);
  if (groups.length > 1) return `flashes ${groups.join(', ')} ${every}`;
  if (lit.every((ms) => ms >= longMs)) return `flashes ${lit.length}x long ${every}`;
  if (lit.every((ms) => ms <= shortMs)) return `flashes ${lit.length}x ${every}`;
  return `flashes long and ${restMs.length}x short ${every}`;
}

/** Flashes with pauses between: "long", "3x", … */
function countedApart(lit: readonly number[], dark: readonly number[]): string[] {
  const groups: number[][] = [[]];
  for (const [index, ms] of lit.entries()) {
    groups.at(-1)?.push(ms);
    if ((dark[index] ?? 0) >= pauseMs && index < lit.length - 1) groups.push([]);
  }
  return groups.map((group) =>
    group.length === 1 && (group[0] ?? 0) >= longMs ? 'long' : `${group.length}x`,
  );
}
