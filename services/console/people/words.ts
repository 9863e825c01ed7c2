import type { AnyCommand, Argument } from '#operator/command.ts';
import { CommandError, usageError } from '#operator/command-error.ts';
import { commandNamed, usageOf } from '#operator/usage.ts';
import type { LineContext } from '../commands/context.ts';

/** A command with its words and options, before they are checked. */
export interface Spoken {
  command: AnyCommand<LineContext>;
  words: Record<string, string>;
  options: Record<string, string | boolean>;
}

/**
 * Finds the command in what a person wrote: the longest name that fits, then its arguments and options.
 * @returns null for an empty line
 * @throws CommandError `unknown-command`, or `invalid-message` for words too many
 */
export function parseLine(line: string, commands: readonly AnyCommand<LineContext>[]): Spoken | null {
  const text = line.trim();
  if (text === '') return null;
  const forPeople = commands.filter(({ programsOnly }) => !programsOnly);
  const command = commandNamed(forPeople, text.split(/\s+/));
  if (!command) {
    const [first = ''] = text.split(/\s/, 1);
    const shown = /^[\x21-\x7e]{1,32}$/.test(first)
      ? `There is no command ${first}.`
      : 'That is not a command.';
    throw new CommandError('unknown-command', shown, 'Type help.');
  }
  return { command, ...readWords(command, afterName(text, command.method)) };
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

function afterName(text: string, method: string): string {
  return text.replace(new RegExp(`^(\\S+\\s*){${method.split('.').length}}`), '');
}

function readWords(command: AnyCommand<LineContext>, text: string): Omit<Spoken, 'command'> {
  const words: Record<string, string> = {};
  const options: Record<string, string | boolean> = {};
  const expected = [...command.arguments];
  let rest = text;
  while (rest !== '') {
    const [argument] = expected;
    const [written = '', flag] = /^--?([a-z][\w-]*)(?:\s+|$)/.exec(rest) ?? [];
    const option = flag === undefined ? null : optionNamed(command, flag);
    if (option !== null) {
      rest = rest.slice(written.length);
      options[option.name] = true;
      if (option.value !== undefined) [options[option.name], rest] = takeWord({ name: option.name }, rest);
      continue;
    }
    if (flag !== undefined && !argument?.rest)
      throw usageError(`${command.method.replaceAll('.', ' ')} takes no ${written.trim()}.`, usage(command));
    if (argument === undefined)
      throw usageError(
        `${rest.slice(0, 40)} is too much.`,
        `${usage(command)}. Put words with blanks in quotes.`,
      );
    expected.shift();
    [words[argument.name], rest] = takeWord(argument, rest);
  }
  return { words, options };
}

function optionNamed(
  { options = {} }: AnyCommand<LineContext>,
  flag: string,
): { name: string; value?: string | undefined } | null {
  if (flag === 'json') return { name: 'json' };
  const found = Object.entries(options).find(
    ([name, { short, shellOnly }]) => !shellOnly && (name === flag || short === flag),
  );
  return found === undefined ? null : { name: found[0], value: found[1].value };
}

const usage = (command: AnyCommand<LineContext>): string => `Usage: ${usageOf(command)}`;

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
