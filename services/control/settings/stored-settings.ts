import { issuesOf } from '#core/domain/explain.ts';
import { isObject, type JsonObject, readAt } from '#core/domain/json.ts';
import { listSettings } from '#core/domain/settings.ts';
import { writeAt } from './merge-patch.ts';

/**
 * What of a stored file can be used, and what is wrong with the rest: one bad value, say by hand, costs that value
 * (its default holds) and not the identities and all else with it. Keys that no setting has are kept, since a newer
 * version may have written them.
 */
export function keepValid(stored: JsonObject): { settings: JsonObject; problems: string[] } {
  const settings = structuredClone(stored);
  const problems: string[] = [];
  for (const key of sections()) {
    const section = readAt(settings, key);
    if (section === undefined || isObject(section)) continue;
    problems.push(`${key}: must be an object`);
    writeAt(settings, key, undefined);
  }
  for (const { key, schema } of listSettings()) {
    const value = readAt(settings, key);
    const parsed = schema.safeParse(value);
    if (value === undefined || parsed.success) continue;
    problems.push(issuesOf(parsed.error, key));
    writeAt(settings, key, undefined);
  }
  return { settings, problems };
}

/** "webrtc", "webrtc.turn": outer ones first. */
function sections(): Set<string> {
  const found = new Set<string>();
  for (const { key } of listSettings()) {
    const path = key.split('.').slice(0, -1);
    for (const [index] of path.entries()) found.add(path.slice(0, index + 1).join('.'));
  }
  return found;
}
