import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What a client in a program of its own saw. */
export interface ProgramReport {
  /** Its own version, for the evidence. */
  make: string;
  connected: boolean;
  /** Pictures decoded (WHEP), or packets sent on a transport that is up (WHIP). */
  frames: number;
  problem: string | null;
}

/** The exit code by which a program says that this machine has not what it needs. */
const lacking = 77;

/**
 * Runs one of our Python clients to its end.
 * @returns why it can't run here, or what it saw
 */
export async function runProgram(
  program: string,
  options: { url: string; kind: string; token: string | null; python?: string; timeoutMs: number },
): Promise<ProgramReport | string> {
  const { python = 'python3', timeoutMs } = options;
  const script = scriptPath(program);
  if (script === null) return `${program} is not beside the suite`;
  const args = [script, options.kind, options.url, String(timeoutMs / 1_000 - 2)];
  return await new Promise((resolve) => {
    const environment = { ...process.env, ONAIR_CONFORMANCE_TOKEN: options.token ?? '' };
    execFile(python, args, { timeout: timeoutMs, env: environment }, (error, stdout, stderr) => {
      if (error && (error.code === lacking || error.code === 'ENOENT')) {
        resolve(stderr.trim() || `${python} is not here`);
        return;
      }
      // It ends by itself before that, with what it saw of the server: this machine was too busy to run it.
      if (error?.killed && stdout === '') {
        resolve(`${program} was not done in ${timeoutMs / 1_000} s on this machine`);
        return;
      }
      try {
        resolve(JSON.parse(stdout) as ProgramReport);
      } catch {
        const problem = stderr.trim().split('\n').at(-1) ?? 'it said nothing';
        resolve({ make: program, connected: false, frames: 0, problem });
      }
    });
  });
}

/** Beside this file in the sources, beside the bundle where it is installed. */
function scriptPath(program: string): string | null {
  const paths = [`./${program}`, `./conformance/${program}`].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return paths.find((path) => existsSync(path)) ?? null;
}
