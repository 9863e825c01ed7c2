import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { checkout } from './command.ts';

export interface ConformanceResult {
  id: string;
  section: string;
  level: string;
  requirement: string;
  outcome: 'pass' | 'fail' | 'not-applicable';
  evidence: string;
}

/** Runs `onair conformance` as it ships. */
export function conformance(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      join(checkout, 'bin/onair'),
      ['conformance', ...args],
      { timeout: 200_000 },
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), stdout, stderr }),
    );
  });
}
