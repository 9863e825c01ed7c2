import type { LightPattern } from '#core/hardware/light/light.ts';

/** A light stayed like this for so long. */
export interface Run {
  lit: boolean;
  ms: number;
}

/** What a light did, from how it was at some moments. */
export function runsOf(samples: readonly { atMs: number; lit: boolean }[]): Run[] {
  const runs: Run[] = [];
  let since = samples[0];
  for (const sample of samples) {
    if (since === undefined || sample.lit === since.lit) continue;
    runs.push({ lit: since.lit, ms: sample.atMs - since.atMs });
    since = sample;
  }
  const last = samples.at(-1);
  if (since && last) runs.push({ lit: since.lit, ms: last.atMs - since.atMs });
  return runs;
}

/** What a light does that plays a pattern for so long, from its beginning. */
export function playedRuns(pattern: LightPattern, forMs: number): Run[] {
  if (typeof pattern === 'string') return [{ lit: pattern === 'on', ms: forMs }];
  const runs: Run[] = [];
  let leftMs = forMs;
  for (let step = 0; leftMs > 0; step += 1) {
    const ms = Math.min(leftMs, pattern[step % pattern.length] ?? 0);
    runs.push({ lit: step % 2 === 0, ms });
    leftMs -= ms;
  }
  return runs;
}

/** Whether somebody who looked on from any moment saw this pattern; what was cut off at both ends may be shorter. */
export function isPlaying(pattern: LightPattern, runs: readonly Run[], toleranceMs: number): boolean {
  if (typeof pattern === 'string') return runs.length === 1 && runs[0]?.lit === (pattern === 'on');
  const steps = pattern.map((ms, index) => ({ lit: index % 2 === 0, ms }));
  const fitsFrom = (first: number): boolean =>
    runs.every(({ lit, ms }, index) => {
      const step = steps[(first + index) % steps.length];
      if (!step || step.lit !== lit || ms > step.ms + toleranceMs) return false;
      return index === 0 || index === runs.length - 1 || ms >= step.ms - toleranceMs;
    });
  return runs.length > 1 && steps.some((_, first) => fitsFrom(first));
}
