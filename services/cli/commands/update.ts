import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { request } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { parseJson } from '#core/domain/json.ts';
import { updateText } from '#core/domain/update-text.ts';
import { pathFor } from '#core/protocol/endpoint.ts';
import {
  getUpdate,
  installUpdate,
  type UpdateBody,
  updateBody,
  uploadUpdate,
} from '#core/protocol/endpoints/update.ts';
import type { Paths } from '#core/runtime/paths.ts';
import { command } from '#operator/command.ts';
import { updateDetails } from '#operator/commands/update.ts';
import { CliError, notRunning } from '../cli-error.ts';
import type { CliContext } from '../context.ts';

const params = z.strictObject({
  update: z.string().min(1).optional(),
  downgrade: z.boolean().default(false),
});

/** The same as on the serial line, and files too. */
export const updateFromShellCommand = command<typeof params, typeof updateBody, CliContext>({
  method: 'update',
  summary: 'The version that runs, or bring an update: a file, or its address',
  details: updateDetails,
  arguments: [{ name: 'update', rest: true }],
  options: { downgrade: { summary: 'also where it is not a newer version' } },
  params,
  result: updateBody,
  run: async ({ update, downgrade }, { box, paths, signal }) => {
    if (update === undefined) return await box.call(getUpdate, { signal });
    if (/^https?:\/\//.test(update))
      return await box.call(installUpdate, { body: { url: update, downgrade }, signal });
    return await send(update, paths, downgrade);
  },
  show: updateText,
});

/** The typed client sends text, and an update is none. */
async function send(
  file: string,
  { controlSocket, runtimeDirectory }: Paths,
  downgrade: boolean,
): Promise<UpdateBody> {
  const found = await stat(file).catch(() => null);
  if (!found?.isFile()) throw new CliError(1, `There is no file ${file}.`);
  const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
    const sent = request({
      socketPath: controlSocket,
      method: uploadUpdate.method,
      path: pathFor(uploadUpdate, {}, { downgrade }),
      headers: { 'content-type': uploadUpdate.body.type, 'content-length': found.size },
    });
    let received = '';
    sent.on('response', (response) => {
      response.setEncoding('utf8').on('data', (part) => {
        received += part;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 500, text: received }));
      response.on('error', reject);
    });
    sent.on('error', reject);
    // A box that refuses closes the connection before it has all of it: its answer counts.
    pipeline(createReadStream(file), sent).catch(() => {});
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') throw notRunning(runtimeDirectory);
    throw new CliError(1, `The update was not taken: ${error.message}.`);
  });
  const body = parseJson(text);
  if (status === uploadAccepted) return updateBody.parse(body);
  const { title, action } = (body ?? {}) as { title?: string; action?: string };
  throw new CliError(1, [title ?? `The box answered ${status}.`, action].filter(Boolean).join(' '));
}

const uploadAccepted = 202;
