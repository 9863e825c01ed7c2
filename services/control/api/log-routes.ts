import type { ServerResponse } from 'node:http';
import { OnairError } from '#core/domain/errors.ts';
import { type LogLine, readLogs } from '#core/protocol/endpoints/care.ts';
import type { Route } from '../http/router.ts';
import { type Served, serve, streamed } from '../http/serve.ts';
import type { LogSource } from '../logs/log-source.ts';

const maxFollowers = 8;
/** A client this far behind loses lines, and is told how many. */
const behindBytes = 256 * 1024;

/** `GET /api/v1/logs`: what the daemons say, for people who look for what is wrong. */
export function logRoutes({ logs }: { logs: LogSource }): Route[] {
  let followers = 0;
  const follow = ({ response, query: wanted }: Served<typeof readLogs>): void => {
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
    serve(readLogs, async (asked) => {
      const { request, response, query } = asked;
      const isHead = request.method === 'HEAD';
      if (query.follow && !isHead) {
        follow(asked);
        return streamed;
      }
      const lines = await logs.latest(query);
      begin(response);
      response.end(isHead ? '' : lines.map(encode).join(''));
      return streamed;
    }),
  ];
}

function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/jsonl', 'cache-control': 'no-store' });
  response.flushHeaders();
}

function encode(line: LogLine): string {
  return `${JSON.stringify(line)}\n`;
}
