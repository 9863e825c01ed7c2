import { readLogs } from '#core/protocol/endpoints/care.ts';
import { CliError } from '../cli-error.ts';
import type { LinkApi } from '../link-api.ts';

const lines = 100;

/**
 * `onair logs [--follow] [DAEMON]`: what the services say, for people; `--follow` goes on until Ctrl-C.
 * @param say takes one line
 */
export async function showLogs(
  api: LinkApi,
  options: { daemon: string | undefined; follow: boolean; say: (line: string) => void },
): Promise<void> {
  const { daemon, follow, say } = options;
  if (daemon !== undefined && !/^[a-z][a-z-]{0,31}$/.test(daemon)) {
    throw new CliError(2, 'Usage: onair logs [--follow] [DAEMON], and DAEMON is a name like media.');
  }
  const query = { lines, ...(daemon ? { daemon } : {}), ...(follow ? { follow: '1' as const } : {}) };
  let said = 0;
  await api.lines(readLogs, { query }, ({ at, daemon: by, level, message }) => {
    said += 1;
    say(`${timeOf(at)}  ${by.padEnd(7)}  ${level.padEnd(5)}  ${message}`);
  });
  if (said === 0 && !follow) say(daemon ? `${daemon} has said nothing.` : 'The log is empty.');
}

/** "11-20 08:53:28" by the clock of who reads. */
function timeOf(at: string): string {
  const time = new Date(at);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${day} ${[time.getHours(), time.getMinutes(), time.getSeconds()].map(two).join(':')}`;
}
