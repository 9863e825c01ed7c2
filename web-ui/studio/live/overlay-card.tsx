import { useState } from 'preact/hooks';
import { overlayPlaces } from '#core/domain/overlay-places.ts';
import { changeSettings } from '#core/protocol/endpoints/settings.ts';
import { operatedBox } from '../../page/api.ts';
import { useAct } from '../box.ts';
import { Card, Problem } from '../pieces.tsx';
import { say } from '../say.ts';
import { valueAt } from '../settings/draft.ts';
import { choiceName } from '../words/setting-words.ts';
import type { PolledSettings } from './air-card.tsx';

type Part = 'clock' | 'text' | 'logo';

/** Clock, text and logo over the picture, each at once on the air. Where the box has no such settings, nothing. */
export function OverlayCard({ settings }: { settings: PolledSettings }) {
  const now = (key: string): unknown => valueAt(settings.reply, `overlay.${key}`);
  const { busy, problem, act } = useAct();
  const [typed, setTyped] = useState<Partial<Record<Part, string>>>({});
  const clock = now('clock');
  if (typeof clock !== 'boolean') return null;
  const change = (overlay: Record<string, unknown>): void =>
    void act(async () => {
      await operatedBox.call(changeSettings, { body: { overlay } });
      setTyped({});
      settings.again();
    });
  const place = (part: Part) => (
    <select
      class="input"
      aria-label={say('overlayPlace', { part: say(`overlay-${part}`) })}
      value={String(now(`${part}Place`))}
      disabled={busy}
      onChange={({ currentTarget }) => change({ [`${part}Place`]: currentTarget.value })}
    >
      {overlayPlaces.map((option) => (
        <option key={option} value={option}>
          {choiceName('overlay.place', option)}
        </option>
      ))}
    </select>
  );
  const line = (part: 'text' | 'logo') => {
    const saved = String(now(part) ?? '');
    const shown = typed[part] ?? saved;
    const empty = part === 'text' ? '' : null;
    return (
      <form
        class="field"
        onSubmit={(event) => {
          event.preventDefault();
          change({ [part]: shown.trim() === '' ? empty : shown });
        }}
      >
        <label for={`overlay-${part}`}>{say(`overlay-${part}`)}</label>
        <div class="row">
          <input
            id={`overlay-${part}`}
            class="input grow"
            maxLength={part === 'text' ? 120 : 1_024}
            placeholder={say(`overlay-${part}Example`)}
            value={shown}
            onInput={({ currentTarget: { value } }) => setTyped((before) => ({ ...before, [part]: value }))}
          />
          {shown !== saved && (
            <button type="submit" class="button primary" disabled={busy}>
              {say('overlayShow')}
            </button>
          )}
          {shown === saved && saved !== '' && (
            <button type="button" class="button" disabled={busy} onClick={() => change({ [part]: empty })}>
              {say('remove')}
            </button>
          )}
          {place(part)}
        </div>
      </form>
    );
  };
  return (
    <Card heading={say('overlay')} help={say('overlayHelp')} class="stack">
      <div class="row">
        <button
          type="button"
          class={`button ${clock ? 'primary' : ''}`}
          aria-pressed={clock}
          disabled={busy}
          onClick={() => change({ clock: !clock })}
        >
          {say('overlay-clock')}
        </button>
        {place('clock')}
      </div>
      {line('text')}
      {line('logo')}
      <Problem of={problem} />
    </Card>
  );
}
