import { type LightPattern, periodOf } from '#core/hardware/light/light.ts';

/** The kernel takes one page, and 1,024 tuples. */
const maxCharacters = 4_000;
const maxTuples = 1_000;

/**
 * What the LED class's `pattern` trigger is told: the pattern for `holdMs` (in whole periods), and then the other one
 * for as long as there is room. The text is played once, so that nothing of the first comes back.
 *
 * A step is two tuples, `brightness duration brightness 0`: with one the kernel would fade
 * (Documentation/ABI/testing/sysfs-class-led-trigger-pattern).
 */
export function armedPattern(options: {
  pattern: LightPattern;
  holdMs: number;
  after: LightPattern;
  brightness: number;
}): string {
  const { pattern, holdMs, after, brightness } = options;
  const held = tuplesOf(pattern, holdMs, brightness);
  const rest = tuplesOf(after, 0, brightness);
  let text = held.text.repeat(held.times);
  let tuples = held.tuples * held.times;
  while (text.length + rest.text.length <= maxCharacters && tuples + rest.tuples <= maxTuples) {
    text += rest.text;
    tuples += rest.tuples;
  }
  return text.trim();
}

/** A pattern to play for ever. */
export function endlessPattern(pattern: LightPattern, brightness: number): string {
  return tuplesOf(pattern, 60_000, brightness).text.trim();
}

function tuplesOf(
  pattern: LightPattern,
  holdMs: number,
  brightness: number,
): { text: string; tuples: number; times: number } {
  const steps = typeof pattern === 'string' ? [holdMs] : pattern;
  const text = steps
    .map((ms, index) => {
      const lit = pattern === 'on' || (pattern !== 'off' && index % 2 === 0);
      const level = lit ? brightness : 0;
      return `${level} ${ms} ${level} 0 `;
    })
    .join('');
  const times = typeof pattern === 'string' ? 1 : Math.max(1, Math.ceil(holdMs / periodOf(pattern)));
  return { text, tuples: steps.length * 2, times };
}
