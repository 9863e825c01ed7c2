import { isObject, type JsonObject, ownValue, readAt } from '#core/domain/json.ts';

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
