import { randomInt } from 'node:crypto';
import { isObject, type JsonObject, readAt } from '#core/domain/json.ts';

/** Letters and digits that nobody takes for others, so that the key can be read out. */
const letters = 'abcdefghijkmnpqrstuvwxyz23456789';
/** 100 bits. */
const length = 20;

/** A key that nobody guesses. */
export function newIngestKey(): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}

/** Stored settings that have no `ingest.key`, as those of an older version, with one. */
export function withIngestKey(stored: JsonObject): JsonObject {
  if (typeof readAt(stored, 'ingest.key') === 'string') return stored;
  const ingest = isObject(stored.ingest) ? stored.ingest : {};
  return { ...stored, ingest: { ...ingest, key: newIngestKey() } };
}

/** Where a patch puts the key back to its default, that is a new one. */
export function withNewIngestKey(patch: JsonObject): JsonObject {
  if (patch.ingest === null) return { ...patch, ingest: { ...defaults, key: newIngestKey() } };
  return readAt(patch, 'ingest.key') === null ? withIngestKey(patch) : patch;
}

/** A patch that takes a whole section back takes each of its settings back. */
const defaults = { goesLive: null, rtmp: null, srt: null, whip: null, rtmpPort: null, srtPort: null };
