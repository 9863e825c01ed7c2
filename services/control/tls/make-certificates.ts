import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { type CertificateDelivery, type CertificateOrder, certificateDelivery } from './certificate-order.ts';

/** Fifty times what it takes on a small board. */
const timeoutMs = 60_000;

/**
 * Makes a certificate, and the authority where there is none, in a process of its own.
 * @param program the bundle of certificate-process.ts
 * @throws Error saying what the process said
 */
export async function makeCertificates(
  program: string,
  order: CertificateOrder,
): Promise<CertificateDelivery> {
  const child = spawn(process.execPath, [...process.execArgv, program], {
    stdio: ['pipe', 'pipe', 'pipe'],
    timeout: timeoutMs,
  });
  child.stdin.on('error', () => {}); // it ended early: its exit code says so
  child.stdin.end(JSON.stringify(order));
  const [output, problem, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  if (code !== 0) throw new Error(problem.trim().split('\n').at(-1) || `it ended with ${code}`);
  return certificateDelivery.parse(JSON.parse(output));
}
