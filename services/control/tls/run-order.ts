import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import type { z } from 'zod';

/**
 * Has a process of its own do what it reads from its standard input, since command lines can be read by others.
 * @param program its bundle
 * @returns what it wrote to its standard output
 * @throws Error saying what the process said
 */
export async function runOrder<Delivery>(options: {
  program: string;
  order: unknown;
  delivery: z.ZodType<Delivery>;
  timeoutMs: number;
}): Promise<Delivery> {
  const { program, order, delivery, timeoutMs } = options;
  const child = spawn(process.execPath, [...process.execArgv, program], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  child.stdin.on('error', () => {}); // it ended early: its exit code says so
  child.stdin.end(JSON.stringify(order));
  const [output, problem, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (signal === 'SIGTERM') throw new Error(`there was no end of it within ${timeoutMs / 1_000} s`);
  if (code !== 0) throw new Error(problem.trim().split('\n').at(-1) || `it ended with ${code}`);
  return delivery.parse(JSON.parse(output));
}
