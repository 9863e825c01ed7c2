import { useState } from 'preact/hooks';
import type { z } from 'zod';
import {
  changeSettings,
  confirmSettings,
  getSettings,
  getSettingsSchema,
  type settingsChange,
} from '#core/protocol/endpoints/settings.ts';
import { callApi } from '../../page/api.ts';
import { useAct, usePolled } from '../box.ts';
import { Problem } from '../pieces.tsx';
import { type Draft, effectsOf, patchOf, problemsByKey, valueAt } from './draft.ts';
import { SettingField } from './setting-field.tsx';
import { WifiCard } from './wifi-card.tsx';

type Change = z.infer<typeof settingsChange>;
/** Settings change rarely, and perhaps by somebody else. */
const readAgainMs = 15_000;

const headings: Record<string, string> = {
  device: 'The box',
  broadcast: 'Broadcast',
  video: 'Picture',
  audio: 'Sound',
  viewing: 'Who may watch',
  hls: 'LL-HLS',
  webrtc: 'WebRTC',
  panel: 'Button and lights',
  network: 'Network',
  hub: 'Hub',
};
/** What most people never touch stands folded. */
const folded = new Set(['hls', 'webrtc', 'panel', 'hub']);

/** All settings, from the one schema; saved together, and never without saying what that interrupts. */
export function SettingsTab({ live }: { live: boolean }) {
  const schema = usePolled(() => callApi(getSettingsSchema), 600_000);
  const settings = usePolled(() => callApi(getSettings), readAgainMs);
  const [draft, setDraft] = useState<Draft>({});
  const [change, setChange] = useState<Change | null>(null);
  const { busy, problem, act } = useAct();
  const list = (schema.reply?.settings ?? []).filter(({ fixed }) => !fixed);
  const wrong = problem?.code === 'invalid-message' ? problemsByKey(problem.message, list) : {};
  const sections = [...new Set(list.map(({ key }) => key.split('.')[0] ?? key))];
  const effects = effectsOf(draft, list);
  const changes = Object.values(draft).filter((value) => value !== undefined).length;

  const save = (event: Event): void => {
    event.preventDefault();
    void act(async () => {
      const done = await callApi(changeSettings, { body: patchOf(draft, list) });
      setDraft({});
      setChange(done);
      settings.again();
    });
  };
  const confirm = (): void => {
    setChange(null);
    void act(() => callApi(confirmSettings));
  };

  return (
    <>
      <Problem of={schema.problem ?? settings.problem} />
      {change?.confirmBy && (
        <div class="banner" role="alert">
          <span>
            The box now answers at its new address. Confirm within a minute, or it goes back to the former
            one.
          </span>
          <button type="button" class="button primary" onClick={confirm}>
            Keep it
          </button>
        </div>
      )}
      <form class="stack" onSubmit={save} novalidate>
        {sections.map((section) => (
          <Section key={section} heading={headings[section] ?? section} folded={folded.has(section)}>
            {list
              .filter(({ key }) => key.startsWith(`${section}.`))
              .map((setting) => (
                <SettingField
                  key={setting.key}
                  setting={setting}
                  value={
                    Object.hasOwn(draft, setting.key)
                      ? draft[setting.key]
                      : valueAt(settings.reply, setting.key)
                  }
                  wrong={wrong[setting.key] ?? null}
                  onChange={(value) => setDraft((before) => ({ ...before, [setting.key]: value }))}
                />
              ))}
          </Section>
        ))}
        <div class={`savebar ${changes > 0 ? 'shown' : ''}`}>
          <div class="stack tight">
            <p role="status">{changes === 0 ? (change ? 'Saved.' : '') : `${changes} not saved yet.`}</p>
            {effects.has('pipeline') && live && (
              <p class="small">Saving interrupts the picture of everybody who watches for a moment.</p>
            )}
            {effects.has('address') && (
              <p class="small">Saving changes the address under which the box is found.</p>
            )}
            {problem?.code === 'invalid-message' ? (
              wrong[''] && <p class="wrong">{wrong['']}</p>
            ) : (
              <Problem of={problem} />
            )}
          </div>
          {changes > 0 && (
            <div class="row">
              <button type="button" class="button" onClick={() => setDraft({})}>
                Undo
              </button>
              <button type="submit" class="button primary" disabled={busy}>
                Save
              </button>
            </div>
          )}
        </div>
      </form>
      <WifiCard />
    </>
  );
}

function Section(props: { heading: string; folded: boolean; children: preact.ComponentChildren }) {
  if (!props.folded) {
    return (
      <section class="card stack">
        <h2>{props.heading}</h2>
        <div class="fields">{props.children}</div>
      </section>
    );
  }
  return (
    <details class="card">
      <summary>
        <h2>{props.heading}</h2>
      </summary>
      <div class="fields">{props.children}</div>
    </details>
  );
}
