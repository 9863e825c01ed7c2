import type { SettingInfo } from './setting-field.tsx';

/** What was typed and is not saved yet, by the dotted key. */
export type Draft = Readonly<Record<string, unknown>>;

type Json = { [key: string]: unknown };

/** The value at a dotted key; undefined where there is none. */
export function valueAt(settings: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>((inner, name) => (inner as Json | undefined | null)?.[name], settings);
}

/** The merge patch for a draft. */
export function patchOf(draft: Draft, schema: readonly SettingInfo[]): Json {
  const patch: Json = {};
  for (const [key, typed] of Object.entries(draft)) {
    const setting = schema.find((one) => one.key === key);
    if (setting === undefined || typed === undefined) continue;
    const path = key.split('.');
    const last = path.pop() ?? key;
    let inner = patch;
    for (const name of path) {
      inner[name] ??= {};
      inner = inner[name] as Json;
    }
    inner[last] = parsed(setting, typed);
  }
  return patch;
}

function parsed(setting: SettingInfo, typed: unknown): unknown {
  if ((setting.type !== 'list' && setting.type !== 'object') || typeof typed !== 'string') return typed;
  const text = typed.trim();
  if (text === '') return null;
  if (/^[[{]/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      return typed; // the box says what is wrong with it, and where
    }
  }
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Which parts of the box a draft touches: "pipeline" and "address" want to be said beforehand. */
export function effectsOf(draft: Draft, schema: readonly SettingInfo[]): Set<SettingInfo['effect']> {
  const touched = schema.filter(({ key }) => Object.hasOwn(draft, key) && draft[key] !== undefined);
  return new Set(touched.map(({ effect }) => effect));
}

/** The sentences of a problem by the key that they name; what names none stands under ''. */
export function problemsByKey(message: string, schema: readonly SettingInfo[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const sentence of message.split(/;\s*/)) {
    const key = schema.find(
      ({ key }) => sentence.startsWith(key) && /^[:. ]/.test(sentence.slice(key.length)),
    )?.key;
    const text = key ? sentence.slice(key.length).replace(/^[.\d]*:?\s*/, '') : sentence;
    found[key ?? ''] = found[key ?? ''] ? `${found[key ?? '']} ${text}` : text;
  }
  return found;
}

/**
 * The draft with one more value. A camera on its side gives a portrait picture, and one that stands again a landscape
 * one: the sides change places.
 */
export function typedWith(draft: Draft, settings: unknown, key: string, value: unknown): Draft {
  const typed = { ...draft, [key]: value };
  if (key !== 'video.rotate') return typed;
  const now = (side: string): unknown => draft[side] ?? valueAt(settings, side);
  const [width, height] = [now('video.width'), now('video.height')];
  if (typeof width !== 'number' || typeof height !== 'number') return typed;
  const turned = value === 90 || value === 270;
  if (turned === height > width || width === height) return typed;
  return { ...typed, 'video.width': height, 'video.height': width };
}
