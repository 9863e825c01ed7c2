import type { AnyCommand, Argument } from '#operator/command.ts';
import { CommandError } from '#operator/command-error.ts';
import { usageOf } from '#operator/table.ts';

/** A command with its words, before they are checked. */
export interface Spoken {
  command: AnyCommand;
  words: Record<string, string>;
}

/**
 * Finds the command in what a person wrote: the longest name that fits, then its arguments.
 * @returns null for an empty line
 * @throws CommandError `unknown-command`, or `invalid-message` for words too many
 */
export function parseLine(line: string, commands: readonly AnyCommand[]): Spoken | null {
  const text = line.trim();
  if (text === '') return null;
  const command = commands
    .filter(({ method, programsOnly }) => !programsOnly && startsWithName(text, method))
    .sort((one, other) => other.method.length - one.method.length)[0];
  if (!command) {
    const [first = ''] = text.split(/\s/, 1);
    const shown = /^[\x21-\x7e]{1,32}$/.test(first) ? `There is no command ${first}.` : 'That is no command.';
    throw new CommandError('unknown-command', shown, 'Type help.');
  }
  return { command, words: readWords(command, afterName(text, command.method)) };
}

/** The line for the history: without what is secret in it. */
export function lineToRemember({ command, words }: Spoken, line: string): string {
  if (!command.isSecret?.(words)) return line;
  const shown = command.arguments.flatMap(({ name, asked }) => {
    const word = words[name];
    if (asked || word === undefined) return [];
    return [/[\s"']/.test(word) ? `"${word.replaceAll(/["\\]/g, '\\$&')}"` : word];
  });
  return [...command.method.split('.'), ...shown].join(' ');
}

function startsWithName(text: string, method: string): boolean {
  const words = text.split(/\s+/);
  return method.split('.').every((word, at) => words[at]?.toLowerCase() === word);
}

function afterName(text: string, method: string): string {
  return text.replace(new RegExp(`^(\\S+\\s*){${method.split('.').length}}`), '');
}

function readWords(command: AnyCommand, text: string): Record<string, string> {
  const words: Record<string, string> = {};
  let rest = text;
  for (const argument of command.arguments) {
    if (rest === '') break;
    const [word, left] = takeWord(argument, rest);
    words[argument.name] = word;
    rest = left;
  }
  if (rest === '') return words;
  throw new CommandError(
    'invalid-message',
    `${rest.slice(0, 40)} is too much.`,
    `Usage: ${usageOf(command)}. Put words with blanks in quotes.`,
  );
}

/** A word in quotes may hold blanks; the rest of a line is taken as it stands, without quotes around all of it. */
function takeWord({ rest }: Argument, text: string): [word: string, left: string] {
  if (rest) return [/^"([^"]*)"$|^'([^']*)'$/.exec(text)?.slice(1).join('') ?? text, ''];
  const quoted = /^"((?:[^"\\]|\\.)*)"(?:\s+|$)|^'([^']*)'(?:\s+|$)/.exec(text);
  if (quoted) {
    const [whole, double, single = ''] = quoted;
    return [double?.replaceAll(/\\(.)/g, '$1') ?? single, text.slice(whole.length)];
  }
  const [whole = '', word = ''] = /^(\S+)\s*/.exec(text) ?? [];
  return [word, text.slice(whole.length)];
}
