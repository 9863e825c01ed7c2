import type { MicrophoneEntry } from '#core/domain/media.ts';
import { changeSettings } from '#core/protocol/endpoints/settings.ts';
import { operatedBox } from '../../page/api.ts';
import { useAct } from '../box.ts';
import { Card, Icon, Problem } from '../pieces.tsx';
import { figure, say } from '../say.ts';
import { valueAt } from '../settings/draft.ts';
import type { PolledSettings } from './air-card.tsx';
import { MicrophoneChoice } from './microphone-choice.tsx';

/** The microphone: which one, muted or not, and how much louder. Where the box has no such settings, nothing. */
export function SoundCard(props: { settings: PolledSettings; microphones: readonly MicrophoneEntry[] }) {
  const { settings, microphones } = props;
  const source = valueAt(settings.reply, 'audio.source');
  const muted = valueAt(settings.reply, 'audio.muted');
  const gainDb = valueAt(settings.reply, 'audio.gainDb');
  const { busy, problem, act } = useAct();
  if (typeof muted !== 'boolean' && typeof gainDb !== 'number') return null;
  const change = (audio: Record<string, unknown>): void =>
    void act(async () => {
      await operatedBox.call(changeSettings, { body: { audio } });
      settings.again();
    });
  return (
    <Card heading={say('sound')} class="stack">
      {typeof source === 'string' && (
        <div class="field">
          <label for="microphone">{say('microphone')}</label>
          <MicrophoneChoice
            id="microphone"
            microphones={microphones}
            value={source}
            disabled={busy}
            choose={(chosen) => change({ source: chosen })}
          />
        </div>
      )}
      <div class="row">
        {typeof muted === 'boolean' && (
          <button
            type="button"
            class={`button ${muted ? 'danger' : ''}`}
            aria-pressed={muted}
            disabled={busy}
            onClick={() => change({ muted: !muted })}
          >
            <Icon name={muted ? 'mute' : 'sound'} />
            {say(muted ? 'unmute' : 'mute')}
          </button>
        )}
        {typeof gainDb === 'number' && (
          <div class="field grow">
            <label for="gain">{say('gain', { gain: `${gainDb > 0 ? '+' : ''}${figure(gainDb)} dB` })}</label>
            <input
              id="gain"
              type="range"
              min={-20}
              max={20}
              step={1}
              value={gainDb}
              onChange={({ currentTarget }) => change({ gainDb: currentTarget.valueAsNumber })}
            />
          </div>
        )}
      </div>
      {muted === true && <p class="wrong">{say('mutedText')}</p>}
      <Problem of={problem} />
    </Card>
  );
}
