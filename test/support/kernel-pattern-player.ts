import { type Run, runsOf } from './light-runs.ts';

const fadeEveryMs = 50;

/**
 * Plays what the LED class's `pattern` trigger was told, as the kernel does (drivers/leds/trigger/ledtrig-pattern.c):
 * two tuples of one brightness are a step, two of different ones fade, a tuple of 0 ms is skipped.
 * @param repeat -1 for ever
 */
export function playKernelPattern(text: string, repeat: number, forMs: number): Run[] {
  const numbers = text.trim().split(/\s+/).map(Number);
  if (text.length >= 4_096) throw new Error('more than a page: the kernel takes only its beginning');
  if (numbers.length < 4 || numbers.length % 2 !== 0 || numbers.some((one) => !Number.isInteger(one)))
    throw new Error(`EINVAL: ${text}`);
  const tuples: { brightness: number; ms: number }[] = [];
  for (let at = 0; at < numbers.length; at += 2)
    tuples.push({ brightness: numbers[at] ?? 0, ms: numbers[at + 1] ?? 0 });
  if (tuples.length > 1_024) throw new Error('more than 1,024 tuples: the kernel forgets the rest');
  const at = (index: number) => tuples[index % tuples.length] ?? { brightness: 0, ms: 0 };
  const samples: { atMs: number; lit: boolean }[] = [];
  let nowMs = 0;
  let current = 0;
  let left = repeat;
  let lit = false;
  const forward = (): void => {
    current = (current + 1) % tuples.length;
    if (current === 0 && repeat !== -1) left -= 1;
  };
  while (nowMs < forMs && left !== 0) {
    const [now, next] = [at(current), at(current + 1)];
    lit = now.brightness > 0;
    samples.push({ atMs: nowMs, lit });
    if (now.brightness === next.brightness) {
      nowMs += now.ms;
      if (next.ms === 0) forward();
    } else {
      if (now.ms >= fadeEveryMs) throw new Error(`it fades: ${now.brightness} for ${now.ms} ms`);
      nowMs += fadeEveryMs;
    }
    forward();
  }
  samples.push({ atMs: Math.min(nowMs, forMs), lit }, { atMs: forMs, lit });
  return runsOf(samples.filter(({ atMs }) => atMs <= forMs));
}
