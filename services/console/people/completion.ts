import type { AnyCommand } from '#operator/command.ts';
import { commandNamed } from '#operator/usage.ts';
import type { LineContext } from '../commands/context.ts';

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
  commands: readonly AnyCommand<LineContext>[],
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
  commands: readonly AnyCommand<LineContext>[],
  known: { ssids: readonly string[] },
): string[] {
  const forPeople = commands.filter(({ programsOnly }) => !programsOnly);
  const names = forPeople.filter(({ hidden }) => !hidden).map(({ method }) => method.split('.'));
  const command = commandNamed(forPeople, before);
  if (command?.method === 'help') return nextNames(names, before.slice(1));
  return [...nextNames(names, before), ...choicesFor(command, before, known)];
}

/** What the next argument may be. */
function choicesFor(
  command: AnyCommand<LineContext> | null,
  before: readonly string[],
  known: { ssids: readonly string[] },
): string[] {
  if (command === null) return [];
  const given = before.slice(command.method.split('.').length);
  const argument = command.arguments[given.length];
  const words = Object.fromEntries(given.map((word, at) => [command.arguments[at]?.name ?? '', word]));
  const choices = argument?.choices?.(words, known) ?? [];
  return choices.map((choice) => (/\s/.test(choice) ? `"${choice}"` : choice));
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
