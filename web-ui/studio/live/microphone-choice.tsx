import type { MicrophoneEntry } from '#core/domain/media.ts';
import { say } from '../say.ts';

/** What can be heard, by name; one that is set and not plugged in stands there too. */
export function MicrophoneChoice(props: {
  id: string;
  microphones: readonly MicrophoneEntry[];
  /** `audio.source` */
  value: string;
  disabled?: boolean;
  choose: (setting: string) => void;
}) {
  const { id, microphones, value, disabled, choose } = props;
  const known = ['auto', 'none', ...microphones.map(({ setting }) => setting)];
  return (
    <select
      id={id}
      class="input"
      value={value}
      disabled={disabled}
      onChange={({ currentTarget }) => choose(currentTarget.value)}
    >
      <option value="auto">{say('microphoneAuto')}</option>
      {microphones.map(({ setting, name }) => (
        <option key={setting} value={setting}>
          {name}
        </option>
      ))}
      {!known.includes(value) && (
        <option value={value}>
          {value === 'test' ? say('microphoneTest') : value.replace(/^alsa:/, '')}
        </option>
      )}
      <option value="none">{say('microphoneNone')}</option>
    </select>
  );
}
