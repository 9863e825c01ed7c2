import { say } from '../say.ts';
import type { Draft } from './draft.ts';
import type { SettingInfo } from './setting-field.tsx';

/**
 * What is wrong with what was typed, by key, as far as the schema says it: every field at once, in the reader's
 * language. The box has the last word.
 */
export function checkTyped(draft: Draft, schema: readonly SettingInfo[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const setting of schema) {
    const typed = draft[setting.key];
    if (typed === undefined) continue;
    const wrong = wrongWith(setting, typed);
    if (wrong !== null) found[setting.key] = wrong;
  }
  return found;
}

function wrongWith(setting: SettingInfo, typed: unknown): string | null {
  const { minimum, maximum, step, type, nullable } = setting;
  if (type === 'integer' || type === 'number') {
    if (typed === null) return nullable ? null : say('wrongEmpty');
    if (typeof typed !== 'number' || Number.isNaN(typed)) return say('wrongNumber');
    if (minimum !== undefined && maximum !== undefined && (typed < minimum || typed > maximum))
      return say('wrongBetween', { minimum, maximum });
    if (minimum !== undefined && typed < minimum) return say('wrongLow', { minimum });
    if (maximum !== undefined && typed > maximum) return say('wrongHigh', { maximum });
    if (type === 'integer' && !Number.isInteger(typed)) return say('wrongInteger');
    return step !== undefined && typed % step !== 0 ? say('wrongStep', { step }) : null;
  }
  if (typeof typed !== 'string' || type !== 'string') return null;
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = setting;
  if (typed.trim().length < minLength) return say('wrongEmpty');
  if (typed.length > maxLength) return say('wrongLong', { maximum: maxLength });
  return pattern !== undefined && !matches(pattern, typed.trim()) ? say('wrongShape') : null;
}

/** A pattern that this browser can't read forbids nothing. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch {
    return true;
  }
}
