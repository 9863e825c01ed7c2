import type { z } from 'zod';
import { parseJson } from './json.ts';
import type { Problem } from './problem.ts';
import type { SettingEffect } from './setting-meta.ts';

/** Settings as people write and read them on a command line, wherever that is. */

/** The value that a person means: JSON where that fits the setting, or text does not; null is the default. */
export function valueFromText(schema: z.ZodType, text: string): unknown {
  const fits = (value: unknown): boolean => value === null || schema.safeParse(value).success;
  const json = parseJson(text);
  if (json === undefined || fits(text)) return json !== undefined && fits(json) ? json : text;
  // Where neither fits, what is said of it is said of the kind of value that the setting takes.
  return fits(json) || !takesText(schema) ? json : text;
}

/** Whether text can fit at all: what is wrong with some is then not its type. */
function takesText(schema: z.ZodType): boolean {
  const issues = schema.safeParse('?').error?.issues ?? [];
  return issues.every(({ code }) => code !== 'invalid_type' && code !== 'invalid_union');
}

/** What a change took, to go on after "KEY is set, ". */
const effectText: Record<SettingEffect, string> = {
  none: 'in force now',
  pipeline: 'in force now; viewers saw a short gap',
  address: 'in force now; the box may have a new address, see status',
};

/** What became of a change, in a sentence that begins with the setting's key. */
export function changeText(
  key: string,
  { changed, effect, notInUse }: { changed: boolean; effect: SettingEffect; notInUse: Problem | null },
): string {
  if (!changed) return `${key} was that already.`;
  if (notInUse === null) return `${key} is set, ${effectText[effect]}.`;
  const { code, message, action } = notInUse;
  return code === 'not-known-yet'
    ? `${key} is saved. ${message} ${action}`
    : `${key} is saved, not in use: ${message} ${action}`;
}
