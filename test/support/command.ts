import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the checkout. */
export const checkout = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const command = join(checkout, 'dist', 'cli.js');

/** What a command of `onair` ended with. */
export interface CommandResult {
  exitCode: number;
  stdout: string;
  stderr: string;
  tookMs: number;
}

/** Through env(1): the test runner gives Node children of its own NODE_OPTIONS, which daemons must not have. */
export function onairCommand(args: string[]): [string, string[]] {
  return ['env', ['-u', 'NODE_OPTIONS', process.execPath, command, ...args]];
}

/** Runs `onair` to its end, 20 s at most. */
export async function runOnair(args: string[], environment: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  const startedAtMs = Date.now();
  return await new Promise((resolve) => {
    execFile(
      ...onairCommand(args),
      { cwd: checkout, timeout: 20_000, env: { ...process.env, ONAIR_STATE: '', ...environment } },
      (error, stdout, stderr) => {
        const exitCode = error ? Number(error.code ?? -1) : 0;
        resolve({ exitCode, stdout, stderr, tookMs: Date.now() - startedAtMs });
      },
    );
  });
}
