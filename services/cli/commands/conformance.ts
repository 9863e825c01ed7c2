import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { command } from '#operator/command.ts';
import type { ExitCode } from '../cli-error.ts';
import type { CliContext } from '../context.ts';

const params = z.strictObject({
  url: z.string(),
  kind: z.string().optional(),
  junit: z.string().optional(),
  only: z.string().optional(),
  'restart-command': z.string().optional(),
});
const result = z.null();

/** For help and documents: `runConformance` takes the arguments as they are. */
export const conformanceCommand = command<typeof params, typeof result, CliContext>({
  method: 'conformance',
  summary: 'Try a WHEP or WHIP server against its documents',
  arguments: [{ name: 'url' }],
  options: {
    kind: { summary: 'What it is, where its address does not say so', value: 'whep|whip' },
    junit: { summary: 'Write the report for a CI, too', value: 'FILE' },
    only: { summary: 'These requirements alone', value: 'ID,ID' },
    'restart-command': { summary: 'Restarts the server, for what is said about that', value: 'COMMAND' },
  },
  params,
  result,
  run: async () => null,
  show: () => '',
});

/** The suite is a bundle of its own, with WebRTC clients that nothing else here needs. */
export async function runConformance(args: readonly string[]): Promise<ExitCode> {
  const program = fileURLToPath(new URL('conformance.js', import.meta.url));
  const child = spawn(process.execPath, [program, ...args], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code === 0 || code === 2 ? code : 1;
}
