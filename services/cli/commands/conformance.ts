import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { ExitCode } from '../cli-error.ts';

/** `onair conformance URL …`: the suite is a bundle of its own, with WebRTC clients that nothing else here needs. */
export async function runConformance(args: readonly string[]): Promise<ExitCode> {
  const program = fileURLToPath(new URL('conformance.js', import.meta.url));
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0 || code === 2 ? code : 1;
}
