import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '#core/domain/clock.ts';
import type { LogLine } from '#core/protocol/endpoints/care.ts';
import { readLogLine } from './log-line.ts';
import type { LogSource, LogWanted } from './log-source.ts';

/** From the end of each file no more is read. */
const maxReadBytes = 512 * 1024;
const lookEveryMs = 250;

/** How far one file was read. */
interface Position {
  bytes: number;
  /** What came without its line's end yet. */
  rest: string;
}

/** The logs of `onair demo`: a file for each daemon, JSON lines. */
export class LogFiles implements LogSource {
  readonly #directory: string;
  readonly #clock: Clock;

  /** @param options.directory holds `control.log`, `media.log` and so on */
  constructor(options: { directory: string; clock: Clock }) {
    this.#directory = options.directory;
    this.#clock = options.clock;
  }

  async latest(wanted: LogWanted): Promise<LogLine[]> {
    return (await this.#read(wanted, new Map())).slice(-wanted.lines);
  }

  follow(wanted: LogWanted, onLine: (line: LogLine) => void): () => void {
    const positions = new Map<string, Position>();
    let ended = false;
    let looking = false;
    const look = async (lines = Number.POSITIVE_INFINITY): Promise<void> => {
      if (looking || ended) return;
      looking = true;
      const found = await this.#read(wanted, positions);
      looking = false;
      for (const line of found.slice(-lines)) if (!ended) onLine(line);
    };
    void look(wanted.lines);
    const stop = this.#clock.every(lookEveryMs, () => void look());
    return () => {
      ended = true;
      stop();
    };
  }

  /** What is new in each file since `positions`, in the order of time. */
  async #read({ daemon }: LogWanted, positions: Map<string, Position>): Promise<LogLine[]> {
    const names = await readdir(this.#directory).catch(() => []);
    const wanted = names.filter((name) => (daemon ? name === `${daemon}.log` : name.endsWith('.log')));
    const found: LogLine[] = [];
    for (const name of wanted.sort()) {
      const by = { daemon: name.slice(0, -'.log'.length), at: new Date(this.#clock.nowMs()).toISOString() };
      for (const text of await this.#readFile(name, positions).catch(() => [])) {
        const line = readLogLine(text, by);
        by.at = line.at; // a line that doesn't know its time came right after the one before it
        found.push(line);
      }
    }
    return found.sort((one, other) => (one.at < other.at ? -1 : one.at > other.at ? 1 : 0));
  }

  async #readFile(name: string, positions: Map<string, Position>): Promise<string[]> {
    const path = join(this.#directory, name);
    const { size } = await stat(path);
    const before = positions.get(name);
    const grown = before !== undefined && size >= before.bytes; // else it was truncated
    const from = Math.max(grown ? before.bytes : 0, size - maxReadBytes);
    const file = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(size - from);
      const { bytesRead } = await file.read(buffer, 0, buffer.length, from);
      const text = (grown ? before.rest : '') + buffer.toString('utf8', 0, bytesRead);
      const lines = text.split('\n');
      const rest = (lines.pop() ?? '').slice(-maxReadBytes);
      if (!grown && from > 0) lines.shift(); // it began before what was read
      positions.set(name, { bytes: from + bytesRead, rest });
      return lines.filter((line) => line !== '');
    } finally {
      await file.close();
    }
  }
}
