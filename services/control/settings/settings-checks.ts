import { OnairError } from '#core/domain/errors.ts';
import { isObject, type JsonObject, readAt } from '#core/domain/json.ts';
import type { SettingEffect } from '#core/domain/setting-meta.ts';
import { listSettings, type Settings } from '#core/domain/settings.ts';
import { leavesOf } from './merge-patch.ts';

const effectsByWeight: readonly SettingEffect[] = ['none', 'pipeline', 'address'];

/** @throws OnairError `invalid-message` naming each key that is not a setting or must not be changed */
export function refuseUnknown(patch: JsonObject): void {
  const known = listSettings();
  const problems: string[] = [];
  for (const key of leavesOf(patch)) {
    const setting = known.find(
      ({ key: name }) => key === name || key.startsWith(`${name}.`) || name.startsWith(`${key}.`),
    );
    if (!setting) problems.push(`${key} is not a setting`);
    else if (setting.meta.fixed && !isObject(readAt(patch, key))) problems.push(`${key} cannot be changed`);
  }
  if (problems.length > 0) {
    throw new OnairError('invalid-message', `${problems.join('; ')}.`, {
      subject: 'settings',
      action: 'See the list of settings: onair settings get.',
    });
  }
}

/** What is right one by one and together shuts everybody out. @throws OnairError `invalid-message` */
export function refuseUnusable({ viewing }: Settings): void {
  if (viewing.access !== 'pin' || viewing.pin !== null) return;
  throw new OnairError('invalid-message', 'viewing.access: pin needs a PIN, and viewing.pin is not set.', {
    subject: 'settings',
    action: 'Set viewing.pin first, or both at once.',
  });
}

/** The keys at which two differ. */
export function differences(before: Settings, after: Settings): string[] {
  return listSettings()
    .map(({ key }) => key)
    .filter((key) => JSON.stringify(readAt(before, key)) !== JSON.stringify(readAt(after, key)));
}

/** The heaviest effect of those that changed. */
export function effectOf(changed: readonly string[]): SettingEffect {
  const effects = listSettings().filter(({ key }) => changed.includes(key));
  return effects.reduce<SettingEffect>(
    (worst, { meta }) =>
      effectsByWeight.indexOf(meta.effect) > effectsByWeight.indexOf(worst) ? meta.effect : worst,
    'none',
  );
}

/** What the operator sets by hand no longer follows the command line. */
export function dropOverridden(overrides: JsonObject, patch: JsonObject): void {
  for (const [key, value] of Object.entries(patch)) {
    const overridden = overrides[key];
    if (isObject(value) && isObject(overridden)) dropOverridden(overridden, value);
    else delete overrides[key];
  }
}
