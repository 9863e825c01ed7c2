import type { ServerResponse } from 'node:http';
import { z } from 'zod';
import { OnairError } from '#core/domain/errors.ts';
import type { LogLine } from '#core/protocol/operator-api.ts';
import { explain } from '../domain/explain.ts';
import type { RequestContext, Route } from '../http/router.ts';
import type { LogSource } from '../logs/log-source.ts';

export const maxLogLines = 2_000;
const maxFollowers = 8;
/** A client this far behind loses lines, and is told how many. */
const behindBytes = 256 * 1024;

const query = z.strictObject({
  lines: z.coerce.number().int().min(1).max(maxLogLines).default(100),
  daemon: z
    .string()
    .regex(/^[a-z][a-z-]{0,31}$/, { error: 'must be a name like media' })
    .nullable()
    .default(null),
  follow: z
    .enum(['0', '1'])
    .default('0')
    .transform((value) => value === '1'),
});

/** `GET /api/v1/logs`: what the daemons say, for people who look for what is wrong. */
export function logRoutes({ logs }: { logs: LogSource }): Route[] {
  let followers = 0;
  const follow = ({ response }: RequestContext, wanted: z.infer<typeof query>): void => {
    if (followers >= maxFollowers) {
      throw new OnairError('full', 'Too many follow the logs already.', { retryAfterSeconds: 10 });
    }
    followers += 1;
    begin(response);
    let lost = 0;
    const stop = logs.follow(
      wanted,
      (line) => {
        if (response.writableLength > behindBytes) {
          lost += 1;
          return;
        }
        if (lost > 0) {
          const message = `${lost} lines were left out: this client reads too slowly.`;
          response.write(encode({ ...line, daemon: 'control', level: 'warn', message }));
          lost = 0;
        }
        response.write(encode(line));
      },
      () => response.end(),
    );
    response.once('close', () => {
      followers -= 1;
      stop();
    });
  };
  return [
    {
      method: 'GET',
      path: '/api/v1/logs',
      operator: true,
      doc: {
        tag: 'box',
        summary: 'What the daemons say: JSON lines (LogLine), the oldest first',
        description:
          '`?lines=N` (100, 2,000 at most), `?daemon=NAME` of one only, `?follow=1` goes on with each line as it comes.',
        answers: { 200: { type: 'application/jsonl' } },
      },
      handle: async (context) => {
        const wanted = query.safeParse(Object.fromEntries(context.url.searchParams));
        if (!wanted.success) throw new OnairError('invalid-message', explain(wanted.error));
        if (wanted.data.follow && context.request.method !== 'HEAD') {
          follow(context, wanted.data);
          return;
        }
        const lines = await logs.latest(wanted.data);
        begin(context.response);
        context.response.end(context.request.method === 'HEAD' ? '' : lines.map(encode).join(''));
      },
    },
  ];
}

function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/jsonl', 'cache-control': 'no-store' });
  response.flushHeaders();
}

function encode(line: LogLine): string {
  return `${JSON.stringify(line)}\n`;
}
