import { isObject, type JsonObject, objectWith, ownValue, readAt } from '#core/domain/json.ts';
import { otherSettingNames } from '#core/domain/settings.ts';

const unsafeKeys = new Set(['__proto__', 'constructor', 'prototype']);

/** RFC 7386, without touching its arguments; keys that would reach into prototypes are left out. */
export function mergePatch(target: unknown, patch: JsonObject): JsonObject {
  const merged: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (unsafeKeys.has(key)) continue;
    if (value === null) delete merged[key];
    else merged[key] = isObject(value) ? mergePatch(ownValue(merged, key), value) : value;
  }
  return merged;
}

/** The same patch with each setting under its own name; one that is given under both stays as its own name says. */
export function withOwnNames(patch: JsonObject): JsonObject {
  let named = patch;
  for (const [other, key] of Object.entries(otherSettingNames)) {
    const value = readAt(named, other);
    if (value === undefined) continue;
    named = structuredClone(named);
    writeAt(named, other, undefined);
    named = mergeWithNulls(objectWith(key, value), named);
  }
  return named;
}

/** As `mergePatch`, but a null stays one: what is merged is a patch itself. */
function mergeWithNulls(target: JsonObject, patch: JsonObject): JsonObject {
  const merged: JsonObject = { ...target };
  for (const [key, value] of Object.entries(patch)) {
    const there = ownValue(merged, key);
    merged[key] = isObject(there) && isObject(value) ? mergeWithNulls(there, value) : value;
  }
  return merged;
}

/** The dotted keys at which a patch says something; an object without keys is one of them. */
export function leavesOf(patch: JsonObject, path = ''): string[] {
  return Object.entries(patch).flatMap(([key, value]) =>
    isObject(value) && Object.keys(value).length > 0 ? leavesOf(value, `${path}${key}.`) : [`${path}${key}`],
  );
}

/** Puts a value at a dotted key whose parent exists; undefined takes it away. */
export function writeAt(target: JsonObject, key: string, value: unknown): void {
  const path = key.split('.');
  const last = path.pop();
  const parent = path.length === 0 ? target : readAt(target, path.join('.'));
  if (last === undefined || !isObject(parent)) return;
  if (value === undefined) delete parent[last];
  else parent[last] = value;
}
