import { type ChildProcess, spawn } from 'node:child_process';
import { OnairError } from '#core/domain/errors.ts';
import { isObject, parseJson } from '#core/domain/json.ts';
import type { LogLine } from '#core/protocol/endpoints/care.ts';
import { onLines } from '#core/runtime/lines.ts';
import { signalChild } from '#core/runtime/signal-child.ts';
import { readLogLine } from './log-line.ts';
import type { LogSource, LogWanted } from './log-source.ts';

const answersWithinMs = 10_000;
const unitPattern = /^onair-([a-z-]+)\.(?:service|socket|path)$/;
/** syslog(3): 0 to 7. */
const levels: readonly LogLine['level'][] = [
  'fatal',
  'fatal',
  'fatal',
  'error',
  'warn',
  'info',
  'info',
  'debug',
];

/** The journal of the box: what the units `onair-*` say, and what systemd says of them. */
export class Journal implements LogSource {
  readonly #command: string;

  /** @param options.command journalctl(1), or what stands in for it */
  constructor(options: { command?: string } = {}) {
    this.#command = options.command ?? 'journalctl';
  }

  latest(wanted: LogWanted): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    return new Promise((resolve, reject) => {
      const child = this.#spawn(wanted, [], (line) => lines.push(line));
      const timer = setTimeout(() => signalChild(child, 'SIGKILL'), answersWithinMs);
      child.once('error', () => reject(unreadable()));
      child.once('close', (code) => {
        clearTimeout(timer);
        if (code === 0) resolve(lines);
        else reject(unreadable());
      });
    });
  }

  follow(wanted: LogWanted, onLine: (line: LogLine) => void, onEnd: () => void): () => void {
    const child = this.#spawn(wanted, ['--follow'], onLine);
    child.once('error', onEnd);
    child.once('close', onEnd);
    return () => {
      child.off('close', onEnd);
      signalChild(child, 'SIGTERM');
    };
  }

  /** No shell, and of what a client said only a number and a name of letters. */
  #spawn({ lines, daemon }: LogWanted, more: string[], onLine: (line: LogLine) => void): ChildProcess {
    const unit = `--unit=onair-${daemon ?? '*'}.service`;
    const options = ['--output=json', '--no-pager', `--lines=${lines}`, unit, ...more];
    const child = spawn(this.#command, options, { stdio: ['ignore', 'pipe', 'ignore'] });
    onLines(
      child.stdout,
      (text) => {
        const line = readEntry(text);
        if (line) onLine(line);
      },
      { unfinished: 'take' },
    );
    return child;
  }
}

/** One entry as `journalctl --output=json` prints it (systemd.journal-fields(7)); null for what is none. */
export function readEntry(text: string): LogLine | null {
  const entry = parseJson(text);
  if (!isObject(entry)) return null;
  const micros = Number(entry.__REALTIME_TIMESTAMP);
  // systemd speaks of a unit in UNIT, the unit itself is in _SYSTEMD_UNIT.
  const units = [entry.UNIT, entry._SYSTEMD_UNIT].map((unit) => unitPattern.exec(String(unit))?.[1]);
  const daemon = units.find((name) => name !== undefined);
  if (!Number.isFinite(micros) || daemon === undefined) return null;
  const level = levels[Number(entry.PRIORITY)] ?? 'info';
  return readLogLine(messageOf(entry.MESSAGE), {
    daemon,
    level,
    at: new Date(micros / 1_000).toISOString(),
  });
}

/** Text, or an array of its bytes where it isn't printable; null where it was too large. */
function messageOf(message: unknown): string {
  if (typeof message === 'string') return message;
  if (Array.isArray(message)) return Buffer.from(message.map(Number)).toString('utf8');
  return '';
}

function unreadable(): OnairError {
  return new OnairError('unavailable', 'The journal of the box cannot be read.', {
    subject: 'logs',
    action: 'On the box, journalctl -u "onair-*" says why.',
  });
}
