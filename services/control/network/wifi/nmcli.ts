import { execFile, spawn } from 'node:child_process';
import { onLines } from '#core/runtime/lines.ts';
import { signalChild } from '#core/runtime/signal-child.ts';

/** What nmcli did: nmcli(1), "EXIT STATUS". */
export interface NmcliAnswer {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** nmcli(1): the network manager is not running, or nmcli is not there at all. */
const notRunning = 8;
const maxOutputBytes = 1024 * 1024;

/** What runs nmcli. */
export interface NmcliRunner {
  /** `signal` ends it early, as a timeout does. */
  run(args: readonly string[], options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<NmcliAnswer>;
  /** Tells each line of what goes on and on, until the function that it returns is called. */
  watch(args: readonly string[], onLine: (line: string) => void): () => void;
}

/** In one language, since its words are read. */
const environment = (): NodeJS.ProcessEnv => ({ ...process.env, LC_ALL: 'C.UTF-8', LANGUAGE: 'C' });

/** Runs nmcli with an argument vector, never a shell. */
export class Nmcli implements NmcliRunner {
  readonly #program: string;

  constructor({ program = 'nmcli' }: { program?: string } = {}) {
    this.#program = program;
  }

  /** Never rejects: what could not be run counts as not running, what took too long as timed out (3). */
  run(
    args: readonly string[],
    { timeoutMs = 10_000, signal }: { timeoutMs?: number; signal?: AbortSignal } = {},
  ): Promise<NmcliAnswer> {
    return new Promise((resolve) => {
      const options = {
        env: environment(),
        timeout: timeoutMs,
        signal,
        killSignal: 'SIGKILL' as const,
        maxBuffer: maxOutputBytes,
      };
      try {
        execFile(this.#program, args, options, (error, stdout, stderr) => {
          const exitCode = error === null ? 0 : exitCodeOf(error);
          resolve({ exitCode, stdout, stderr });
        });
      } catch (error) {
        // An argument with a zero byte cannot be passed on at all.
        resolve({ exitCode: 2, stdout: '', stderr: String(error) });
      }
    });
  }

  watch(args: readonly string[], onLine: (line: string) => void): () => void {
    const child = spawn(this.#program, args, { env: environment(), stdio: ['ignore', 'pipe', 'ignore'] });
    child.on('error', () => {}); // what is run beside it says so
    onLines(child.stdout, onLine, { unfinished: 'take' });
    return () => signalChild(child, 'SIGKILL');
  }
}

function exitCodeOf(error: Error & { code?: unknown; killed?: boolean }): number {
  if (typeof error.code === 'number') return error.code;
  return error.killed || error.name === 'AbortError' ? 3 : notRunning;
}

/** The fields of one line of `nmcli --terse`: separated by `:`, in them `\:` and `\\` stand for themselves. */
export function terseFields(line: string): string[] {
  const fields: string[] = [];
  let field = '';
  for (let at = 0; at < line.length; at += 1) {
    const character = line.charAt(at);
    if (character === '\\' && at + 1 < line.length) {
      at += 1;
      field += line.charAt(at);
    } else if (character === ':') {
      fields.push(field);
      field = '';
    } else field += character;
  }
  fields.push(field);
  return fields;
}

/** Each line's fields. */
export function terseRows(text: string): string[][] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(terseFields);
}

/**
 * A line of a `passwd-file`: nmcli (nmc_utils_parse_passwd_file) takes backslashes as escapes and trims spaces.
 * @throws RangeError for what would end the line
 */
export function passwordLine(property: string, secret: string): string {
  if (/[\r\n\0]/.test(secret)) throw new RangeError('a secret is one line');
  return `${property}:${secret.replaceAll('\\', '\\\\').replaceAll(' ', '\\ ').replaceAll('\t', '\\t')}\n`;
}
