import { isObject, type JsonObject, parseJson } from '#core/domain/json.ts';
import type { LogLine } from '#core/protocol/endpoints/care.ts';

const maxMessageLength = 2_000;
/** What pino says of each line; the rest is the line's own. */
const standing = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg', 'err']);

type Level = LogLine['level'];

/** One line as a daemon wrote it (pino's JSON, or words of something below it), for people. */
export function readLogLine(text: string, by: { daemon: string; at: string; level?: Level }): LogLine {
  const json = parse(text);
  if (json === null) return { at: by.at, daemon: by.daemon, level: by.level ?? 'info', message: cut(text) };
  const { level, time, msg, err } = json;
  const rest = Object.entries(json).flatMap(([key, value]) =>
    standing.has(key) ? [] : [`${key}=${shown(value)}`],
  );
  const error = isObject(err) ? String(err.message ?? '') : '';
  const parts = [typeof msg === 'string' ? msg : '', error && `(${error})`, ...rest];
  return {
    at: timeOf(time) ?? by.at,
    daemon: by.daemon,
    level: typeof level === 'number' ? levelOf(level) : (by.level ?? 'info'),
    message: cut(parts.filter((part) => part !== '').join(' ')),
  };
}

/** ISO 8601; null where it is not a time. */
function timeOf(time: unknown): string | null {
  const ms = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(ms) ? null : new Date(ms).toISOString();
}

/** Words as they are, all else as JSON. */
function shown(value: unknown): string {
  return typeof value === 'string' && /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
}

/** Pino's numbers. */
function levelOf(level: number): Level {
  if (level >= 60) return 'fatal';
  if (level >= 50) return 'error';
  if (level >= 40) return 'warn';
  return level >= 30 ? 'info' : 'debug';
}

/** One line, whatever was in it. */
function cut(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it keeps out
  const line = text.replace(/[\u0000-\u001f\u007f]+/g, ' ').trim();
  return line.length > maxMessageLength ? `${line.slice(0, maxMessageLength)}…` : line;
}

function parse(text: string): JsonObject | null {
  const value = text.startsWith('{') ? parseJson(text) : undefined;
  return isObject(value) ? value : null;
}
