import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Runs a program, its words on stderr; @returns what it printed. @throws Error where it failed */
export async function run(file, parameters, options = {}) {
  const child = spawn(file, parameters, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  const printed = [];
  child.stdout.on('data', (data) => printed.push(data));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${file} ${parameters[0] ?? ''} failed (${code})`);
  return Buffer.concat(printed).toString().trim();
}
