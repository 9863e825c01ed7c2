import { z } from 'zod';
import { getStatus } from '#core/protocol/endpoints/box.ts';
import { type LogLine, logLine, maxLogLines, readLogs } from '#core/protocol/endpoints/care.ts';
import { type CommandContext, command } from '../command.ts';
import { CommandError, usageError } from '../command-error.ts';

const answerWithinMs = 10_000;

const params = z.strictObject({
  lines: z.int().min(1).max(maxLogLines).default(30),
  daemon: z
    .string()
    .regex(/^[a-z][a-z-]{0,31}$/, { error: 'must be a name like media' })
    .optional(),
  follow: z.boolean().default(false),
});

export const logsCommand = command({
  method: 'logs',
  summary: 'What the services say: the latest lines',
  details: 'logs 200 shows 200 lines, without a number it is 30; logs media those of media alone.',
  arguments: [{ name: 'lines' }, { name: 'daemon' }],
  options: { follow: { summary: 'Go on with what comes, until Ctrl-C', short: 'f' } },
  params,
  result: z.object({ lines: z.array(logLine) }),
  fromWords: ({ lines: first, daemon: second }) => {
    const words = [first, second].filter((word) => word !== undefined);
    const [count, ...moreCounts] = words.filter((word) => /^\d+$/.test(word));
    const [daemon, ...moreDaemons] = words.filter((word) => !/^\d+$/.test(word));
    if (moreCounts.length + moreDaemons.length > 0)
      throw usageError(`${second} is too much.`, 'logs takes a number of lines, and one service.');
    return { ...(count ? { lines: Number(count) } : {}), ...(daemon ? { daemon } : {}) };
  },
  run: async (wanted, context) => {
    if (wanted.daemon !== undefined) await checkDaemon(wanted.daemon, context);
    if (wanted.follow) await follow(wanted, context);
    return { lines: wanted.follow ? [] : await latest(wanted, context) };
  },
  show: ({ lines }) => lines.map(textOf).join('\n') || 'The log is empty.',
  showJson: ({ lines }) => lines.map((line) => JSON.stringify(line)).join('\n'),
});

type Wanted = z.output<typeof params>;

async function latest({ lines, daemon }: Wanted, { box, signal }: CommandContext): Promise<LogLine[]> {
  const found: LogLine[] = [];
  const query = { lines, ...(daemon === undefined ? {} : { daemon }) };
  await box.lines(readLogs, { query, signal, timeoutMs: answerWithinMs }, (line) => found.push(line));
  return found.slice(-lines);
}

/** @throws CommandError once it ends, which it does only with the box */
async function follow({ lines, daemon }: Wanted, context: CommandContext): Promise<never> {
  const { box, signal, json, print } = context;
  if (print === null)
    throw new CommandError('invalid-message', 'Only people can follow the log.', 'Leave follow out.');
  const query = { lines, follow: '1' as const, ...(daemon === undefined ? {} : { daemon }) };
  await box.lines(readLogs, { query, signal }, (line) => print(json ? JSON.stringify(line) : textOf(line)));
  throw new CommandError('unavailable', 'The log can’t be followed any longer.', 'Try again.');
}

/** @throws CommandError `not-found` where no service has that name */
async function checkDaemon(daemon: string, context: CommandContext): Promise<void> {
  const { daemons } = await context.box.call(getStatus, { signal: context.signal });
  if (daemon in daemons) return;
  const said = await latest({ lines: 1, daemon, follow: false }, context); // such as first-boot, which has ended
  if (said.length > 0) return;
  throw new CommandError(
    'not-found',
    `There is no service ${daemon}.`,
    `There are: ${Object.keys(daemons).join(', ')}.`,
  );
}

function textOf({ at, daemon, level, message }: LogLine): string {
  return `${timeOf(at)}  ${daemon.padEnd(7)}  ${level.padEnd(5)}  ${message}`;
}

/** "11-20 08:53:28" by the clock of who reads. */
function timeOf(at: string): string {
  const time = new Date(at);
  if (Number.isNaN(time.getTime())) return at;
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}
