import { z } from 'zod';
import { type JsonObject, objectWith, readAt } from '#core/domain/json.ts';
import { listSettings } from '#core/domain/settings.ts';
import { mergePatch } from './merge-patch.ts';

/** Beside the settings in their file, so that the two are never stored one without the other. */
const fileKey = 'unconfirmed';

/** How long a change of the box's address has until somebody says that they still reach it. */
export const trialMs = 60_000;

const trial = z.object({
  until: z.iso.datetime(),
  /** What was stored at each key that changed; without a value its default held. */
  previous: z.array(z.object({ key: z.string(), value: z.unknown().optional() })).min(1),
});
/** A change that holds only until it is confirmed. */
export type Trial = z.infer<typeof trial>;

/** The trial in a stored file; null where there is none, or none that can be read. */
export function trialOf(stored: JsonObject | null): Trial | null {
  const parsed = trial.safeParse(stored?.[fileKey]);
  if (!parsed.success) return null;
  const known = new Set(listSettings().flatMap(({ key, meta }) => (meta.fixed ? [] : [key])));
  const previous = parsed.data.previous.filter(({ key }) => known.has(key));
  return previous.length === 0 ? null : { ...parsed.data, previous };
}

/** The same file with this trial, or without one. */
export function withTrial(stored: JsonObject, next: Trial | null): JsonObject {
  const { [fileKey]: _, ...rest } = stored;
  return next === null ? rest : { ...rest, [fileKey]: next };
}

/** What the file was before the trial. */
export function takenBack(stored: JsonObject, { previous }: Trial): JsonObject {
  return previous.reduce<JsonObject>(
    (restored, { key, value }) => mergePatch(restored, objectWith(key, value ?? null)),
    withTrial(stored, null),
  );
}

/**
 * The trial after a change. A change on trial joins one that is under way: what held before both comes back. One that
 * isn't on trial is there to stay, so what it sets is no longer to be taken back.
 * @param change.until null where it is not on trial
 */
export function trialAfter(change: {
  before: JsonObject;
  after: JsonObject;
  changed: readonly string[];
  until: string | null;
}): Trial | null {
  const { before, after, changed, until } = change;
  const running = trialOf(before);
  const previous = new Map(running?.previous.map(({ key, value }) => [key, value]));
  for (const key of changed) {
    if (until === null) previous.delete(key);
    else if (!previous.has(key)) previous.set(key, readAt(before, key));
  }
  for (const [key, value] of previous) if (same(value, readAt(after, key))) previous.delete(key);
  const ends = until ?? running?.until;
  if (previous.size === 0 || ends === undefined) return null;
  return { until: ends, previous: [...previous].map(([key, value]) => ({ key, value })) };
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
