import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { z } from 'zod';
import { parseJson } from '#core/domain/json.ts';
import { pathFor } from '#core/protocol/endpoint.ts';
import { getSnapshot } from '#core/protocol/endpoints/snapshot.ts';
import type { Paths } from '#core/runtime/paths.ts';
import { command } from '#operator/command.ts';
import { CliError, notRunning } from '../cli-error.ts';
import type { CliContext } from '../context.ts';

const answerTimeoutMs = 10_000;

const params = z.strictObject({ file: z.string().min(1) });
const result = z.object({ file: z.string(), bytes: z.int() });

export const snapshotCommand = command<typeof params, typeof result, CliContext>({
  method: 'snapshot',
  summary: 'Write the newest picture as JPEG; - is standard output',
  arguments: [{ name: 'file' }],
  params,
  result,
  run: async ({ file }, { paths }) => {
    const jpeg = await fetchJpeg(paths);
    if (file === '-') process.stdout.write(jpeg);
    else await write(file, jpeg);
    return { file, bytes: jpeg.length };
  },
  show: ({ file, bytes }) => (file === '-' ? '' : `${file}: ${bytes} bytes.`),
});

async function write(file: string, jpeg: Buffer): Promise<void> {
  try {
    await writeFile(file, jpeg);
  } catch (error) {
    throw new CliError(1, `${file} can't be written: ${error instanceof Error ? error.message : error}.`);
  }
}

/** The typed client reads text, and a picture is none. */
async function fetchJpeg({ controlSocket, runtimeDirectory }: Paths): Promise<Buffer> {
  const { status, body } = await new Promise<{ status: number; body: Buffer }>((resolve, reject) => {
    const asked = request({ socketPath: controlSocket, path: pathFor(getSnapshot, {}) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 500, body: Buffer.concat(chunks) }));
      response.on('error', reject);
    });
    asked.setTimeout(answerTimeoutMs, () => asked.destroy(new Error('The box does not answer.')));
    asked.on('error', reject);
    asked.end();
  }).catch((error: NodeJS.ErrnoException) => {
    const isRunning = error.code !== 'ENOENT' && error.code !== 'ECONNREFUSED';
    if (isRunning) throw new CliError(1, error.message);
    throw notRunning(runtimeDirectory);
  });
  if (status === 200) return body;
  const { title, action } = (parseJson(String(body)) ?? {}) as { title?: string; action?: string };
  throw new CliError(1, [title ?? `The box answered ${status}.`, action].filter(Boolean).join(' '));
}
