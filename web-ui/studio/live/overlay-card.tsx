import { useState } from 'preact/hooks';
import { overlayPlaces } from '#core/domain/overlay-places.ts';
import { pathFor } from '#core/protocol/endpoint.ts';
import { uploadPicture } from '#core/protocol/endpoints/pictures.ts';
import { changeSettings } from '#core/protocol/endpoints/settings.ts';
import { operatedBox } from '../../page/api.ts';
import { speaker } from '../../page/language.ts';
import { useAct } from '../box.ts';
import { Card, Problem } from '../pieces.tsx';
import { language, say } from '../say.ts';
import { valueAt } from '../settings/draft.ts';
import { uploadFile } from '../upload-file.ts';
import { overlayWords } from '../words/overlay-words.ts';
import { choiceName } from '../words/setting-words.ts';
import type { PolledSettings } from './air-card.tsx';

type Part = 'clock' | 'text' | 'logo';

const word = speaker(overlayWords, language);

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
  const send = (file: File): void =>
    void act(async () => {
      await uploadFile(uploadPicture, pathFor(uploadPicture, { use: 'logo' }), file);
      setTyped({});
      settings.again();
    });
  const place = (part: Part) => (
    <select
      class="input"
      aria-label={word('place', { part: word(part) })}
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
        <label for={`overlay-${part}`}>{word(part)}</label>
        <div class="row">
          <input
            id={`overlay-${part}`}
            class="input grow"
            maxLength={part === 'text' ? 120 : 1_024}
            placeholder={word(`${part}Example`)}
            value={shown}
            onInput={({ currentTarget: { value } }) => setTyped((before) => ({ ...before, [part]: value }))}
          />
          {shown !== saved && (
            <button type="submit" class="button primary" disabled={busy}>
              {word('show')}
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
    <Card heading={word('heading')} help={word('help')} class="stack">
      <div class="row">
        <button
          type="button"
          class={`button ${clock ? 'primary' : ''}`}
          aria-pressed={clock}
          disabled={busy}
          onClick={() => change({ clock: !clock })}
        >
          {word('clock')}
        </button>
        {place('clock')}
      </div>
      {line('text')}
      {line('logo')}
      <div class="field">
        <label for="overlay-file">{word('choose')}</label>
        <input
          id="overlay-file"
          class="input"
          type="file"
          accept="image/png,image/jpeg"
          disabled={busy}
          aria-describedby="overlay-file-help"
          onChange={({ currentTarget }) => {
            const [file] = currentTarget.files ?? [];
            if (file) send(file);
            currentTarget.value = '';
          }}
        />
        <span id="overlay-file-help" class="help">
          {word('chooseHelp')}
        </span>
      </div>
      <Problem of={problem} />
    </Card>
  );
}
