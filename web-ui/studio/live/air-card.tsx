import { useState } from 'preact/hooks';
import type { AnswerOf } from '#core/protocol/client.ts';
import { changeSettings, type getSettings } from '#core/protocol/endpoints/settings.ts';
import type { SourceListBody } from '#core/protocol/endpoints/sources.ts';
import { operatedBox } from '../../page/api.ts';
import { countdownChoices, type GoingLive } from '../air/going-live.ts';
import { type BoxStatus, type Polled, useAct } from '../box.ts';
import { Figure, Problem } from '../pieces.tsx';
import { figure, say } from '../say.ts';
import { valueAt } from '../settings/draft.ts';
import { SourcePicker } from './source-picker.tsx';

export type PolledSettings = Polled<AnswerOf<typeof getSettings, 'operator'>>;

interface Props {
  status: BoxStatus;
  going: GoingLive;
  settings: PolledSettings;
  sources: Polled<SourceListBody>;
  toast: (text: string) => void;
}

/** What the broadcast is called, what it shows, and how it begins. */
export function AirCard({ status, going, settings, sources, toast }: Props) {
  const { audience, stream } = status;
  return (
    <section class="card stack air" aria-label={say('broadcast')}>
      <TitleForm key={settings.reply === null ? 'none' : 'there'} settings={settings} toast={toast} />
      <SourcePicker
        sources={sources}
        setting={valueAt(settings.reply, 'video.source')}
        changed={settings.again}
        onAir={going.onAir}
        toast={toast}
      />
      {going.onAir ? (
        <dl class="figures">
          <Figure
            name={say('watching')}
            value={say('someOf', { some: figure(audience.viewers), of: figure(audience.max) })}
          />
          <Figure name={say('peak')} value={figure(audience.peak)} />
          <Figure
            name={say('picture')}
            value={`${stream.quality}, ${figure(Math.round(stream.framesPerSecond))} fps`}
          />
          <Figure
            name={say('bitrate')}
            value={stream.bitrateKbps === null ? '–' : `${figure(stream.bitrateKbps / 1_000, 1)} Mbit/s`}
          />
        </dl>
      ) : (
        <div class="field">
          <label for="countdown">{say('countdown')}</label>
          <select
            id="countdown"
            class="input"
            value={String(going.countdownSeconds)}
            onChange={({ currentTarget }) => going.setCountdownSeconds(Number(currentTarget.value))}
          >
            {countdownChoices.map((seconds) => (
              <option key={seconds} value={String(seconds)}>
                {seconds === 0 ? say('countdownNone') : say('countdownSeconds', { seconds })}
              </option>
            ))}
          </select>
        </div>
      )}
    </section>
  );
}

/** Title and description, as viewers read them; kept here until they are saved. */
function TitleForm({ settings, toast }: { settings: PolledSettings; toast: (text: string) => void }) {
  const stored = {
    title: String(valueAt(settings.reply, 'broadcast.title') ?? ''),
    description: String(valueAt(settings.reply, 'broadcast.description') ?? ''),
  };
  const [typed, setTyped] = useState<Partial<typeof stored>>({});
  const { busy, problem, act } = useAct();
  const shown = { ...stored, ...typed };
  const changed = shown.title !== stored.title || shown.description !== stored.description;
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const done = await act(() => operatedBox.call(changeSettings, { body: { broadcast: shown } }));
    if (!done) return;
    setTyped({});
    settings.again();
    toast(say('saved'));
  };
  return (
    <form class="stack tight" onSubmit={(event) => void save(event)}>
      <div class="field">
        <label for="title">{say('broadcastTitle')}</label>
        <input
          id="title"
          class="input"
          maxLength={128}
          dir="auto"
          value={shown.title}
          onInput={({ currentTarget }) => setTyped({ ...typed, title: currentTarget.value })}
        />
      </div>
      <div class="field">
        <label for="description">{say('broadcastDescription')}</label>
        <textarea
          id="description"
          class="input"
          maxLength={1_024}
          rows={2}
          dir="auto"
          value={shown.description}
          onInput={({ currentTarget }) => setTyped({ ...typed, description: currentTarget.value })}
        />
      </div>
      <Problem of={problem} />
      {changed && (
        <div class="row">
          <button type="button" class="button" onClick={() => setTyped({})}>
            {say('undo')}
          </button>
          <button type="submit" class="button primary" disabled={busy}>
            {say('saveTitle')}
          </button>
        </div>
      )}
    </form>
  );
}
