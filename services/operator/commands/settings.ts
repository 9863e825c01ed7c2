import { z } from 'zod';
import { isObject, objectWith, readAt } from '#core/domain/json.ts';
import { problem } from '#core/domain/problem.ts';
import { changeText, valueFromText } from '#core/domain/setting-text.ts';
import { listSettings, otherSettingNames } from '#core/domain/settings.ts';
import { changeSettings, getSettings } from '#core/protocol/endpoints/settings.ts';
import { command } from '../command.ts';
import { CommandError } from '../command-error.ts';

const effect = z.enum(['none', 'pipeline', 'address']);
/** The settings' keys, for completion. */
export const settingKeys: readonly string[] = listSettings().map(({ key }) => key);

const keyChoices = (): readonly string[] => settingKeys;

/** What a person may write for a setting that takes one of a few values. */
function choicesOf(key: string): string[] {
  const schema = find(key)?.schema;
  const inner = schema instanceof z.ZodDefault ? schema.def.innerType : schema;
  if (inner instanceof z.ZodEnum) return inner.options.map(String);
  if (inner instanceof z.ZodBoolean) return ['true', 'false'];
  return [];
}

export const settingsGetCommand = command({
  method: 'settings.get',
  summary: 'Show settings: all, one, or those that begin alike',
  details: 'settings get video shows all of video. What is secret shows only whether it is set.',
  arguments: [{ name: 'key', choices: keyChoices }],
  params: z.strictObject({ key: z.string().max(128).optional() }),
  result: z.object({
    /** By dotted key; of a secret `{"set": boolean}`. */
    settings: z.record(z.string(), z.unknown()),
  }),
  run: async ({ key }, { box, signal }) => {
    const wanted = key === undefined ? undefined : ownNameOf(key);
    const shown = settingKeys.filter(
      (name) => wanted === undefined || name === wanted || name.startsWith(`${wanted}.`),
    );
    if (shown.length === 0) throw noSetting(key ?? '');
    const all = await box.call(getSettings, { signal });
    return { settings: Object.fromEntries(shown.map((name) => [name, readAt(all, name)])) };
  },
  show: ({ settings }) => {
    const width = Math.max(...Object.keys(settings).map((name) => name.length));
    return Object.entries(settings)
      .map(([name, value]) => {
        const meta = find(name)?.meta;
        const unit = meta?.unit ? ` ${meta.unit}` : '';
        return `${name.padEnd(width)}  ${`${showValue(value)}${unit}`.padEnd(20)}  ${meta?.description ?? ''}`.trimEnd();
      })
      .join('\n');
  },
  showJson: ({ settings }) => {
    const nested = Object.entries(settings).map(([name, value]) => objectWith(name, value));
    return JSON.stringify(nested.reduce<Record<string, unknown>>(mergeDeep, {}), null, 2);
  },
});

export const settingsSetCommand = command({
  method: 'settings.set',
  summary: 'Change a setting',
  details:
    'VALUE is text, a number, true, false or JSON; null is the default.\nA secret, such as viewing.pin, may be left out: then it is asked for without showing it.',
  arguments: [
    { name: 'key', choices: keyChoices },
    {
      name: 'value',
      rest: true,
      choices: ({ key = '' }) => choicesOf(key),
      asked: ({ key = '' }) => (find(key)?.meta.secret ? `New value of ${key}: ` : null),
    },
  ],
  params: z.strictObject({ key: z.string().max(128), value: z.unknown() }),
  result: z.object({
    key: z.string(),
    /** Whether it was something else before. */
    changed: z.boolean(),
    effect,
    /** Why a broadcast goes on without it; null where it is in use. */
    notInUse: problem.nullable(),
    /** What to do besides, for people. */
    note: z.string().nullable(),
  }),
  fromWords: ({ key, value }) => ({
    key,
    ...(value === undefined ? {} : { value: valueMeant(key ?? '', value) }),
  }),
  isSecret: ({ key = '' }) => find(key)?.meta.secret === true,
  run: async ({ key: asked, value }, { box, signal }) => {
    const key = ownNameOf(asked);
    if (!find(key)) throw noSetting(asked);
    const change = await box.call(changeSettings, {
      body: objectWith(key, value),
      signal,
    });
    const isPin = key === 'viewing.pin' && value !== null;
    const isOpen = isPin && readAt(await box.call(getSettings, { signal }), 'viewing.access') === 'open';
    return {
      key,
      changed: change.changed.length > 0,
      effect: change.effect,
      notInUse: change.notInUse,
      note: isOpen ? 'Watching still asks for no PIN: settings set viewing.access pin' : null,
    };
  },
  show: ({ key, changed, effect, notInUse, note }) =>
    [changeText(key, { changed, effect, notInUse }), note].filter(Boolean).join('\n'),
  failure: ({ key, changed, effect, notInUse }) =>
    notInUse === null || notInUse.code === 'not-known-yet'
      ? null
      : changeText(key, { changed, effect, notInUse }),
});

function mergeDeep(into: Record<string, unknown>, from: object): Record<string, unknown> {
  for (const [name, value] of Object.entries(from)) {
    const there = into[name];
    into[name] = isObject(there) && isObject(value) ? mergeDeep(there, value) : value;
  }
  return into;
}

function ownNameOf(key: string): string {
  return otherSettingNames[key] ?? key;
}

function find(key: string) {
  return listSettings().find((setting) => setting.key === ownNameOf(key));
}

function noSetting(key: string): CommandError {
  const [group = ''] = key.split('.');
  const near = settingKeys.filter((name) => name.startsWith(`${group}.`) || name.endsWith(`.${key}`));
  return new CommandError(
    'not-found',
    `${key} is not a setting.`,
    near.length > 0 && near.length <= 12 ? `There are: ${near.join(', ')}.` : 'settings get shows them all.',
    { isUsage: true },
  );
}

/** Quotes around it are for the line only. */
function valueMeant(key: string, text: string): unknown {
  const plain = /^'(.*)'$/s.exec(text)?.[1] ?? text;
  const schema = find(key)?.schema;
  return schema ? valueFromText(schema, plain) : plain;
}

function showValue(value: unknown): string {
  if (value instanceof Object && 'set' in value) return value.set ? '(set)' : '(not set)';
  return typeof value === 'string' ? value || '""' : JSON.stringify(value ?? null);
}
