import { ApiError } from '#core/protocol/client.ts';
import type { Paths } from '#core/runtime/paths.ts';
import { commandErrorOf } from '#operator/command-error.ts';

/** Exit codes (design.md, "Surfaces"): 1 failed, 2 usage, 3 not running. */
export type ExitCode = 0 | 1 | 2 | 3;

/** Ends the command with a plain sentence on stderr. */
export class CliError extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = 'CliError';
    this.exitCode = exitCode;
  }
}

/** Whatever a command threw, as its end; null for a fault of our own. */
export function cliErrorOf(
  error: unknown,
  { runtimeDirectory }: Pick<Paths, 'runtimeDirectory'>,
): CliError | null {
  if (error instanceof CliError) return error;
  if (error instanceof ApiError && error.code === 'not-allowed')
    return new CliError(1, `This user may not speak to the box in ${runtimeDirectory}. Try with sudo.`);
  if (error instanceof ApiError && error.code === 'not-running') return notRunning(runtimeDirectory);
  if (error instanceof ApiError)
    return new CliError(1, [error.message, error.action].filter(Boolean).join(' '));
  const known = commandErrorOf(error);
  if (known === null) return null;
  const exitCode = known.isUsage || known.code === 'unknown-command' ? 2 : 1;
  return new CliError(exitCode, [known.message, known.action].filter(Boolean).join(' '));
}

/** Exit code 3. */
export function notRunning(runtimeDirectory: string): CliError {
  return new CliError(
    3,
    `No Onair is running in ${runtimeDirectory}. Start one with onair demo, or name another with --state DIR.`,
  );
}
