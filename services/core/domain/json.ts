/** A JSON object as it was parsed: nothing about it is known. */
export interface JsonObject {
  [key: string]: unknown;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What stands at a dotted key ("viewing.pin"); undefined where nothing does. */
export function readAt(value: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>((inner, name) => (isObject(inner) ? ownValue(inner, name) : undefined), value);
}

/** An object with this at a dotted key, and nothing else. */
export function objectWith(key: string, value: unknown): JsonObject {
  const [name = '', ...rest] = key.split('.');
  return { [name]: rest.length === 0 ? value : objectWith(rest.join('.'), value) };
}

export function ownValue(object: JsonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}
