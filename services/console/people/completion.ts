import type { AnyCommand } from '#operator/command.ts';
import { choicesOf, settingKeys } from '#operator/commands/settings.ts';

export interface Completions {
  /** What is being completed: the end of the line. */
  stem: string;
  /** All that it may become. */
  candidates: string[];
}

/**
 * What Tab may make of a line.
 * @param line up to the cursor
 * @param known what else there is by now: networks in reach
 */
export function completionsOf(
  line: string,
  commands: readonly AnyCommand[],
  known: { ssids: readonly string[] },
): Completions {
  const words = line.trimStart().split(/\s+/);
  const stem = words.at(-1) ?? '';
  const before = words.slice(0, -1);
  return {
    stem,
    candidates: allAfter(before, commands, known)
      .filter((one) => one.startsWith(stem))
      .sort(),
  };
}

function allAfter(
  before: string[],
  commands: readonly AnyCommand[],
  known: { ssids: readonly string[] },
): string[] {
  const [first, second, third] = before;
  const names = commands.filter(({ programsOnly }) => !programsOnly).map(({ method }) => method.split('.'));
  if (first === 'help') return nextNames(names, before.slice(1));
  if ((first === 'get' || first === 'set') && before.length === 1) return [...settingKeys];
  if (first === 'set' && second && before.length === 2) return choicesOf(second);
  if (first === 'wifi' && (second === 'join' || second === 'forget') && third === undefined)
    return known.ssids.map((ssid) => (/\s/.test(ssid) ? `"${ssid}"` : ssid));
  return nextNames(names, before);
}

function nextNames(names: string[][], before: string[]): string[] {
  const fitting = names.filter((name) => before.every((word, at) => name[at] === word));
  return [...new Set(fitting.flatMap((name) => name[before.length] ?? []))];
}

/** What all have in common at their beginning. */
export function commonStart(texts: readonly string[]): string {
  const [first = ''] = texts;
  let length = first.length;
  for (const text of texts) while (!text.startsWith(first.slice(0, length))) length -= 1;
  return first.slice(0, length);
}
