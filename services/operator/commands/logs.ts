import { z } from 'zod';
import { type LogLine, logLine, readLogs } from '#core/protocol/endpoints/care.ts';
import { command } from '../command.ts';

const answerWithinMs = 10_000;

export const logsCommand = command({
  method: 'logs',
  summary: 'Show the latest lines of the log',
  details: 'logs 200 shows 200 lines; without a number it is 30.',
  arguments: [{ name: 'lines' }],
  params: z.strictObject({ lines: z.int().min(1).max(1_000).default(30) }),
  result: z.object({ lines: z.array(logLine) }),
  fromWords: ({ lines }) =>
    lines === undefined ? {} : { lines: /^\d+$/.test(lines) ? Number(lines) : lines },
  run: async ({ lines }, { box, signal }) => {
    const found: LogLine[] = [];
    const call = { query: { lines }, signal, timeoutMs: answerWithinMs };
    await box.lines(readLogs, call, (line) => found.push(line));
    return { lines: found.slice(-lines) };
  },
  show: ({ lines }) =>
    lines
      .map(
        ({ at, daemon, level, message }) =>
          `${timeOf(at)}  ${daemon.padEnd(7)}  ${level.padEnd(5)}  ${message}`,
      )
      .join('\n') || 'The log is empty.',
});

/** "12:00:01" */
function timeOf(at: string): string {
  return /T(\d\d:\d\d:\d\d)/.exec(at)?.[1] ?? at;
}
