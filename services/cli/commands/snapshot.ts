import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { parseJson } from '#core/domain/json.ts';
import { pathFor } from '#core/protocol/endpoint.ts';
import { getSnapshot } from '#core/protocol/endpoints/snapshot.ts';
import type { Paths } from '#core/runtime/paths.ts';
import { CliError } from '../cli-error.ts';

const answerTimeoutMs = 10_000;

/** `onair snapshot FILE`: the newest picture as JPEG; `-` writes it to standard output. */
export async function snapshot(paths: Paths, file: string | undefined): Promise<string | null> {
  if (file === undefined) throw new CliError(2, 'Usage: onair snapshot FILE (- is standard output)');
  const jpeg = await fetchJpeg(paths);
  if (file === '-') {
    process.stdout.write(jpeg);
    return null;
  }
  try {
    await writeFile(file, jpeg);
  } catch (error) {
    throw new CliError(1, `${file} can't be written: ${error instanceof Error ? error.message : error}.`);
  }
  return `${file}: ${jpeg.length} bytes.`;
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
    throw new CliError(
      3,
      `No Onair is running in ${runtimeDirectory}. Start one with onair demo, or name another with --state DIR.`,
    );
  });
  if (status === 200) return body;
  const { title, action } = (parseJson(String(body)) ?? {}) as { title?: string; action?: string };
  throw new CliError(1, [title ?? `The box answered ${status}.`, action].filter(Boolean).join(' '));
}
