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
 * Runs a client to its end: `COMMAND ARGS whep|whip URL SECONDS`.
 * @returns why it can't run here, or what it saw
 */
export async function runProgram(options: {
  command: string;
  args: readonly string[];
  url: string;
  kind: string;
  token: string | null;
  timeoutMs: number;
}): Promise<ProgramReport | string> {
  const { command, url, kind, token, timeoutMs } = options;
  const args = [...options.args, kind, url, String(timeoutMs / 1_000 - 2)];
  return await new Promise((resolve) => {
    const environment = { ...process.env, ONAIR_CONFORMANCE_TOKEN: token ?? '' };
    execFile(command, args, { timeout: timeoutMs, env: environment }, (error, stdout, stderr) => {
      if (error && (error.code === lacking || error.code === 'ENOENT')) {
        resolve(stderr.trim() || `${command} is not here`);
        return;
      }
      // It ends by itself before that, with what it saw of the server: this machine was too busy to run it.
      if (error?.killed && stdout === '') {
        resolve(`${command} was not done in ${timeoutMs / 1_000} s on this machine`);
        return;
      }
      try {
        resolve(JSON.parse(stdout) as ProgramReport);
      } catch {
        const problem = stderr.trim().split('\n').at(-1) || 'it said nothing';
        resolve({ make: command, connected: false, frames: 0, problem });
      }
    });
  });
}

/** A client of ours: beside this file in the sources, beside the bundle where it is installed. */
export function clientPath(name: string): string {
  const paths = [`./${name}`, `./conformance/${name}`].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  const path = paths.find((each) => existsSync(each));
  if (path === undefined) throw new Error(`${name} is not beside the suite`);
  return path;
}
