import { type JsonObject, readAt } from '#core/domain/json.ts';
import { listSettings } from '#core/domain/settings.ts';
import { writeAt } from './merge-patch.ts';

type Mask = (text: string) => string;

const textsOf = (value: unknown): string[] =>
  [value].flat().filter((each): each is string => typeof each === 'string');

const change = (value: unknown, how: Mask): unknown =>
  Array.isArray(value)
    ? value.map((each) => (typeof each === 'string' ? how(each) : each))
    : typeof value === 'string'
      ? how(value)
      : value;

/** Shows of texts that hold secrets what may be shown. */
export function maskSettings(settings: JsonObject): void {
  for (const { key, meta } of listSettings())
    if (meta.mask) writeAt(settings, key, change(readAt(settings, key), meta.mask));
}

/**
 * A patch with the texts that hold in place of the masked ones that came back. Settings of one mask exchange theirs (a
 * source may become a fallback); of two that look the same, the first is the first.
 */
export function unmaskSettings(patch: JsonObject, current: object): JsonObject {
  const copy = structuredClone(patch);
  const known = new Map<Mask, string[]>();
  for (const { key, meta } of listSettings())
    if (meta.mask) known.set(meta.mask, [...(known.get(meta.mask) ?? []), ...textsOf(readAt(current, key))]);
  for (const { key, meta } of listSettings()) {
    const asked = readAt(copy, key);
    if (!meta.mask || asked === undefined) continue;
    const { mask } = meta;
    const left = [...(known.get(mask) ?? [])];
    const unmask: Mask = (text) => {
      const at = left.findIndex((each) => mask(each) === text);
      if (at === -1) return known.get(mask)?.find((each) => mask(each) === text) ?? text;
      return left.splice(at, 1)[0] ?? text;
    };
    writeAt(copy, key, change(asked, unmask));
  }
  return copy;
}
