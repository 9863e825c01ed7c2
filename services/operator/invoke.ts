import type { z } from 'zod';
import { wordsOf } from '#core/domain/explain.ts';
import type { AnyCommand, CommandContext } from './command.ts';
import { type CommandError, usageError } from './command-error.ts';
import { shellUsageOf, usageOf } from './usage.ts';

/** Checks the parameters and runs the command. @throws CommandError, ApiError */
export async function invoke<Context extends CommandContext>(
  command: AnyCommand<Context>,
  params: unknown,
  context: Context,
): Promise<unknown> {
  const checked = command.params.safeParse(params);
  if (checked.success) return await command.run(checked.data, context);
  const usage = context.prefix === '' ? usageOf(command) : shellUsageOf(command);
  throw wrongParams(checked.error, `Usage: ${usage}`);
}

function wrongParams(error: z.ZodError, usage: string): CommandError {
  const [issue] = error.issues;
  if (!issue) return usageError('The parameters are wrong.', usage);
  const name = issue.path.join('.').toUpperCase();
  if (issue.code === 'unrecognized_keys')
    return usageError(`${issue.keys.join(', ')}: there is no such parameter.`, usage);
  if (name === '') return usageError('The parameters must be an object.', usage);
  const isMissing =
    issue.code === 'invalid_type' &&
    issue.input === undefined &&
    !/received (?!undefined)/.test(issue.message);
  if (isMissing) return usageError(`${name} is missing.`, usage);
  if (issue.code === 'invalid_value')
    return usageError(`${name} must be one of ${issue.values.join(', ')}.`, usage);
  return usageError(`${name} ${wordsOf(issue)}.`, usage);
}

/** What a person reads of a result: words, or JSON where the context says so. */
export function resultText<Context extends CommandContext>(
  command: AnyCommand<Context>,
  result: unknown,
  context: Context,
): string {
  if (!context.json) return command.show(result, context);
  return command.showJson?.(result) ?? JSON.stringify(result, null, 2);
}
