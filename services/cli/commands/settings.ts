import { listSettings } from '#core/domain/settings.ts';
import { CliError } from '../cli-error.ts';
import type { LinkApi } from '../link-api.ts';

interface Change {
  changed: string[];
  effect: 'none' | 'pipeline' | 'address';
}

const effectText = {
  none: 'in force now',
  pipeline: 'in force now; viewers saw a short gap',
  address: 'in force now; the box has a new address',
} as const;

/** `onair settings get [KEY]` */
export async function getSettings(api: LinkApi, key: string | undefined): Promise<string> {
  const settings = await api.call<unknown>('GET', '/api/v1/settings');
  const known = listSettings();
  const shown =
    key === undefined ? known : known.filter(({ key: name }) => name === key || name.startsWith(`${key}.`));
  if (shown.length === 0) throw new CliError(2, `${key} is not a setting. See onair settings get.`);
  const width = Math.max(...shown.map(({ key: name }) => name.length));
  return shown
    .map(({ key: name, meta }) => {
      const value = `${JSON.stringify(valueAt(settings, name))}${meta.unit ? ` ${meta.unit}` : ''}`;
      return `${name.padEnd(width)}  ${value.padEnd(24)}  ${meta.description}`;
    })
    .join('\n');
}

/** `onair settings set KEY VALUE` : the value is JSON, or else taken as text; `null` is the default. */
export async function setSetting(
  api: LinkApi,
  key: string | undefined,
  text: string | undefined,
): Promise<string> {
  if (!key || text === undefined) throw new CliError(2, 'Usage: onair settings set KEY VALUE');
  const setting = listSettings().find(({ key: name }) => name === key);
  if (!setting) throw new CliError(2, `${key} is not a setting. See onair settings get.`);
  const fits = (value: unknown): boolean => value === null || setting.schema.safeParse(value).success;
  const json = parseJson(text);
  const value = json !== undefined && (fits(json) || !fits(text)) ? json : text;
  const patch = key.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value);
  const { changed, effect } = await api.call<Change>('PATCH', '/api/v1/settings', patch);
  return changed.length === 0 ? `${key} was that already.` : `${key} is set, ${effectText[effect]}.`;
}

function valueAt(settings: unknown, key: string): unknown {
  return key
    .split('.')
    .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], settings);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
