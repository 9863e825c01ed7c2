import type { SettingsSchemaBody } from '#core/protocol/endpoints/settings.ts';
import { PlainHttpWarning } from '../plain-http.tsx';
import { figure, say } from '../say.ts';
import { choiceName, settingWords } from '../words/setting-words.ts';

export type SettingInfo = SettingsSchemaBody['settings'][number];

/**
 * One setting: bounds and unit are the schema's, its name and help too where the reader's language has none.
 * @param props.value as `GET /api/v1/settings` has it; a secret's is `{set}`
 * @param props.onChange told what stands in the field: a value, or null for "as it came"
 */
export function SettingField(props: {
  setting: SettingInfo;
  value: unknown;
  wrong: string | null;
  onChange: (value: unknown) => void;
}) {
  const { setting, value, wrong, onChange } = props;
  const id = `setting-${setting.key.replaceAll('.', '-')}`;
  const { label, help, lang } = settingWords(setting);
  const effect = setting.effect === 'none' ? null : say(`effect-${setting.effect}`);
  const hint = [help, setting.choices ? null : setting.unit, boundsOf(setting), effect]
    .filter(Boolean)
    .join(' · ');
  const described = [hint && `${id}-help`, wrong && `${id}-wrong`].filter(Boolean).join(' ') || undefined;
  return (
    <div class={`field ${setting.type === 'boolean' ? 'switch' : ''}`}>
      <label for={id} lang={lang}>
        {label}
      </label>
      <Entry
        id={id}
        setting={setting}
        value={value}
        described={described}
        wrong={wrong !== null}
        onChange={onChange}
      />
      {hint && (
        <span id={`${id}-help`} class="help">
          {hint}
        </span>
      )}
      {setting.secret && <PlainHttpWarning />}
      {wrong && (
        <span id={`${id}-wrong`} class="wrong" role="alert">
          {wrong}
        </span>
      )}
    </div>
  );
}

function Entry(props: {
  id: string;
  setting: SettingInfo;
  value: unknown;
  described: string | undefined;
  wrong: boolean;
  onChange: (value: unknown) => void;
}) {
  const { id, setting, value, onChange } = props;
  const common = { id, 'aria-describedby': props.described, 'aria-invalid': props.wrong };
  if (setting.secret) {
    const isSet = typeof value === 'object' && value !== null && (value as { set?: boolean }).set === true;
    return (
      <input
        {...common}
        class="input"
        type="password"
        autoComplete="new-password"
        placeholder={say(isSet ? 'secretSet' : 'secretNotSet')}
        value={typeof value === 'string' ? value : ''}
        onInput={({ currentTarget }) =>
          onChange(currentTarget.value === '' ? undefined : currentTarget.value)
        }
      />
    );
  }
  if (setting.type === 'boolean') {
    return (
      <input
        {...common}
        type="checkbox"
        checked={value === true}
        onChange={({ currentTarget }) => onChange(currentTarget.checked)}
      />
    );
  }
  if (setting.choices) {
    return (
      <select
        {...common}
        class="input"
        value={String(value)}
        onChange={({ currentTarget }) =>
          onChange(setting.choices?.find((choice) => String(choice) === currentTarget.value))
        }
      >
        {setting.choices.map((choice) => (
          <option key={choice} value={String(choice)}>
            {choiceName(setting.key, choice)}
          </option>
        ))}
      </select>
    );
  }
  if (setting.type === 'integer' || setting.type === 'number') {
    return (
      <input
        {...common}
        class="input"
        type="number"
        min={setting.minimum}
        max={setting.maximum}
        step={setting.step ?? (setting.type === 'integer' ? 1 : 'any')}
        value={typeof value === 'number' ? value : ''}
        onInput={({ currentTarget }) =>
          onChange(currentTarget.value === '' ? null : currentTarget.valueAsNumber)
        }
      />
    );
  }
  if (setting.type === 'list' || setting.type === 'object') {
    return (
      <textarea
        {...common}
        class="input"
        spellcheck={false}
        value={typeof value === 'string' ? value : listText(value)}
        onInput={({ currentTarget }) => onChange(currentTarget.value)}
      />
    );
  }
  return (
    <input
      {...common}
      class="input"
      type="text"
      maxLength={setting.maxLength}
      value={typeof value === 'string' ? value : ''}
      onInput={({ currentTarget }) =>
        onChange(currentTarget.value === '' && setting.nullable ? null : currentTarget.value)
      }
    />
  );
}

function boundsOf({ minimum, maximum, choices, type }: SettingInfo): string | null {
  if (type === 'list') return say('oneALine');
  if (choices || (minimum === undefined && maximum === undefined)) return null;
  if (minimum === undefined) return say('atMost', { maximum: figure(maximum ?? 0) });
  return maximum === undefined
    ? say('atLeast', { minimum: figure(minimum) })
    : say('fromTo', { minimum: figure(minimum), maximum: figure(maximum) });
}

/** Lists of words stand one a line; anything else as JSON. */
export function listText(value: unknown): string {
  if (!Array.isArray(value)) return value == null ? '' : JSON.stringify(value);
  return value.every((item) => typeof item === 'string') ? value.join('\n') : JSON.stringify(value, null, 1);
}
