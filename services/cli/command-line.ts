import { parseArgs } from 'node:util';
import { ApiClient } from '#core/protocol/client.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';
import { version } from '#core/version.ts';
import type { AnyCommand } from '#operator/command.ts';
import { CommandError, usageError } from '#operator/command-error.ts';
import { invoke, resultText } from '#operator/invoke.ts';
import { terminalText } from '#operator/terminal-text.ts';
import { commandNamed, paramsFrom, shellUsageOf } from '#operator/usage.ts';
import { cliErrorOf, type ExitCode } from './cli-error.ts';
import type { CliContext } from './context.ts';
import { machineDoctor } from './doctor/machine-doctor.ts';
import { pagesOf } from './pages.ts';
import { askSecret } from './secret-line.ts';
import { findPaths } from './state-directory.ts';
import { commands } from './table.ts';

export interface Output {
  print(text: string): void;
  complain(text: string): void;
}

type Values = Record<string, string | boolean | undefined>;

/** `onair ARGS`: finds the command, runs it and prints what came of it. */
export async function runCommandLine(
  args: readonly string[],
  { environment, output }: { environment: NodeJS.ProcessEnv; output: Output },
): Promise<ExitCode> {
  let paths = findPaths(undefined, environment);
  try {
    const { values, positionals } = parse(args);
    if (values.version) {
      output.print(version);
      return 0;
    }
    const state = typeof values.state === 'string' ? values.state : undefined;
    paths = findPaths(state, environment);
    const context: CliContext = {
      box: new ApiClient<'operator'>(linkTransport(paths.controlSocket)),
      signal: new AbortController().signal,
      progress: (text) => process.stderr.isTTY && output.complain(terminalText(text)),
      print: (line) => output.print(terminalText(line)),
      json: values.json === true,
      prefix: 'onair ',
      pagesOf,
      machine: machineDoctor,
      remember: { ssids: [] },
      paths,
      state,
    };
    const [first] = positionals;
    if (first === undefined || first === 'help' || values.help) {
      output.print(await helpText(first === 'help' ? positionals.slice(1) : positionals, context));
      return 0;
    }
    const command = commandNamed(commands, positionals);
    if (command === null)
      throw new CommandError('unknown-command', `There is no command ${first}.`, 'See onair help.');
    return await run(command, { positionals, values, context, output });
  } catch (error) {
    const known = cliErrorOf(error, paths);
    output.complain(`onair: ${known ? terminalText(known.message) : stackOf(error)}`);
    return known?.exitCode ?? 1;
  }
}

async function run(
  command: AnyCommand<CliContext>,
  call: { positionals: readonly string[]; values: Values; context: CliContext; output: Output },
): Promise<ExitCode> {
  const { positionals, values, context, output } = call;
  const options = optionsOf(command, values);
  const words = await wordsOf(command, positionals.slice(command.method.split('.').length), options);
  const result = await invoke(command, paramsFrom(command, words, options), context);
  const failure = command.failure?.(result, context) ?? null;
  const text = context.json || failure === null ? resultText(command, result, context) : '';
  if (text !== '') output.print(terminalText(text));
  if (failure === null) return 0;
  output.complain(`onair: ${terminalText(failure)}`);
  return 1;
}

/** @throws CommandError for an option of other commands */
function optionsOf(command: AnyCommand<CliContext>, values: Values): Record<string, string | boolean> {
  const known = command.options ?? {};
  const given = Object.entries(values).filter(([name, value]) => !(name in common) && value !== undefined);
  for (const [name] of given) {
    if (!(name in known))
      throw usageError(`${command.method.replaceAll('.', ' ')} takes no --${name}.`, usage(command));
  }
  return Object.fromEntries(given) as Record<string, string | boolean>;
}

/** What was typed, by argument; what may not be typed is asked for. @throws CommandError for words too many */
async function wordsOf(
  command: AnyCommand<CliContext>,
  typed: readonly string[],
  options: Readonly<Record<string, string | boolean>>,
): Promise<Record<string, string>> {
  const words: Record<string, string> = {};
  const left = [...typed];
  for (const { name, rest, neverTyped } of command.arguments) {
    if (neverTyped || left.length === 0) continue;
    words[name] = rest ? left.splice(0).join(' ') : (left.shift() ?? '');
  }
  const [surplus] = left;
  if (surplus !== undefined) throw usageError(`${surplus.slice(0, 40)} is too much.`, usage(command));
  const isComplete = command.arguments.every(
    ({ name, asked, neverTyped }) =>
      asked !== undefined || neverTyped || name in words || isOptional(command, name),
  );
  if (!isComplete) return words; // the check of the parameters says what is missing
  for (const { name, asked, askedWith } of command.arguments) {
    if (name in words || (askedWith !== undefined && options[askedWith] !== true)) continue;
    const question = asked?.(words);
    if (question) words[name] = await askSecret(question);
  }
  return words;
}

function isOptional({ params }: AnyCommand<CliContext>, name: string): boolean {
  const shape = 'shape' in params ? (params.shape as Record<string, typeof params>) : {};
  return shape[name]?.safeParse(undefined).success ?? false;
}

/** Options of every command. */
const common = {
  state: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

function parse(args: readonly string[]): { values: Values; positionals: string[] } {
  const declared = commands
    .flatMap(({ options = {} }) => Object.entries(options))
    .map(([name, { value, short }]) => [
      name,
      { type: value === undefined ? ('boolean' as const) : ('string' as const), ...(short ? { short } : {}) },
    ]);
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { ...Object.fromEntries(declared), ...common },
    }) as { values: Values; positionals: string[] };
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error), 'See onair help.');
  }
}

const usage = (command: AnyCommand<CliContext>): string => `Usage: ${shellUsageOf(command)}`;

/** All commands, or those that begin with these words. */
async function helpText(words: readonly string[], context: CliContext): Promise<string> {
  const help = commandNamed(commands, ['help']);
  if (help === null) return '';
  const named = commandNamed(commands, words);
  const name = words.length === 0 ? undefined : (named?.aliasOf ?? named?.method ?? words.join(' '));
  const text = resultText(
    help,
    await invoke(help, name === undefined ? {} : { command: name }, context),
    context,
  );
  if (name !== undefined || context.json) return text;
  return [
    `onair ${version}: press the button, and everybody on the network watches.`,
    '',
    text,
    '',
    '--state DIR (or ONAIR_STATE) says which running appliance is meant.',
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not running.',
  ].join('\n');
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
