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
