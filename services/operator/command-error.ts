import type { ErrorCode } from '#core/domain/errors.ts';
import { ApiError } from '#core/protocol/client.ts';

/** Codes of the one taxonomy, and what the box's own problems add (`wifi-wrong-passphrase`). */
export type CommandErrorCode = ErrorCode | 'internal' | (string & {});

/** A command that could not be done: what is wrong, and what to do about it. */
export class CommandError extends Error {
  readonly code: CommandErrorCode;
  readonly action: string | null;
  /** It was typed wrongly; the box was not asked. */
  readonly isUsage: boolean;

  constructor(
    code: CommandErrorCode,
    message: string,
    action: string | null = null,
    { isUsage = false }: { isUsage?: boolean } = {},
  ) {
    super(message);
    this.name = 'CommandError';
    this.code = code;
    this.action = action;
    this.isUsage = isUsage;
  }
}

/** A command that was typed wrongly. */
export function usageError(message: string, action: string | null = null): CommandError {
  return new CommandError('invalid-message', message, action, { isUsage: true });
}

/** Whatever was thrown, in the words of the line; null for a fault of our own, which goes to the log. */
export function commandErrorOf(error: unknown): CommandError | null {
  if (error instanceof CommandError) return error;
  if (error instanceof Error && error.name === 'AbortError') return new CommandError('cancelled', 'Stopped.');
  if (!(error instanceof ApiError)) return null;
  if (error.status === null) return controlAway(error.message);
  return new CommandError(error.code, error.message, error.action);
}

function controlAway(message: string): CommandError {
  const detail = message === 'Nothing is running there.' ? '' : ` ${message}`;
  return new CommandError(
    'unavailable',
    `The box’s main service does not answer.${detail}`,
    'It comes back by itself within seconds: try again. If it stays away, take the power out and put it in again.',
  );
}
