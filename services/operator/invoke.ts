import type { z } from 'zod';
import type { AnyCommand, CommandContext } from './command.ts';
import { CommandError } from './command-error.ts';
import { usageOf } from './table.ts';

/** Checks the parameters and runs the command. @throws CommandError, ApiError */
export async function invoke(
  command: AnyCommand,
  params: unknown,
  context: CommandContext,
): Promise<unknown> {
  const checked = command.params.safeParse(params);
  if (!checked.success) throw wrongParams(command, checked.error);
  return await command.run(checked.data, context);
}

function wrongParams(command: AnyCommand, error: z.ZodError): CommandError {
  const [issue] = error.issues;
  const usage = `Usage: ${usageOf(command)}`;
  if (!issue) return new CommandError('invalid-message', 'The parameters are wrong.', usage);
  const name = issue.path.join('.').toUpperCase();
  if (issue.code === 'unrecognized_keys')
    return new CommandError(
      'invalid-message',
      `${issue.keys.join(', ')}: there is no such parameter.`,
      usage,
    );
  if (name === '') return new CommandError('invalid-message', 'The parameters must be an object.', usage);
  if (
    issue.code === 'invalid_type' &&
    issue.input === undefined &&
    !/received (?!undefined)/.test(issue.message)
  )
    return new CommandError('invalid-message', `${name} is missing.`, usage);
  const plain = issue.message
    .replace(/^Invalid input: expected /, 'must be a ')
    .replace(/^Too (big|small): /, '');
  return new CommandError('invalid-message', `${name} ${plain}.`, usage);
}
