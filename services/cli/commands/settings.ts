import { objectWith, readAt } from '#core/domain/json.ts';
import { changeText, valueFromText } from '#core/domain/setting-text.ts';
import { listSettings } from '#core/domain/settings.ts';
import { changeSettings, getSettings } from '#core/protocol/endpoints/settings.ts';
import { CliError } from '../cli-error.ts';
import type { LinkApi } from '../link-api.ts';

/** `onair settings get [KEY]` */
export async function showSettings(api: LinkApi, key: string | undefined): Promise<string> {
  const settings = await api.call(getSettings);
  const known = listSettings();
  const shown =
    key === undefined ? known : known.filter(({ key: name }) => name === key || name.startsWith(`${key}.`));
  if (shown.length === 0) throw new CliError(2, `${key} is not a setting. See onair settings get.`);
  const width = Math.max(...shown.map(({ key: name }) => name.length));
  return shown
    .map(({ key: name, meta }) => {
      const value = `${JSON.stringify(readAt(settings, name))}${meta.unit ? ` ${meta.unit}` : ''}`;
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
  const patch = objectWith(key, valueFromText(setting.schema, text));
  const { changed, effect, notInUse } = await api.call(changeSettings, { body: patch });
  const said = changeText(key, { changed: changed.length > 0, effect, notInUse });
  if (notInUse !== null && notInUse.code !== 'not-known-yet') throw new CliError(1, said);
  return said;
}
