import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type ProblemDocument, problemJson } from './problem.ts';

/** A client that was refused and does not close its connection is cut off after this. */
const refusedLingersMs = 2_000;

/** An upgrade that is refused gets a plain HTTP answer, and its socket is closed. */
export function refuseUpgrade(stream: Socket, problem: ProblemDocument): void {
  const body = problemJson(problem);
  const headers = Object.entries({
    connection: 'close',
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    ...problem.headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  stream.resume(); // what is left unread would take the answer with it
  stream.end(
    `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status] ?? ''}\r\n${headers.join('')}\r\n${body}`,
  );
  const timer = setTimeout(() => stream.destroy(), refusedLingersMs);
  stream.once('close', () => clearTimeout(timer));
}
