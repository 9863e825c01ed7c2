import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { isOnAir } from '#core/domain/on-air.ts';
import {
  changeSettings,
  getSettings,
  getSettingsSchema,
  type SettingsChange,
} from '#core/protocol/endpoints/settings.ts';
import { listSources } from '#core/protocol/endpoints/sources.ts';
import { operatedBox } from '../../page/api.ts';
import { type BoxStatus, useAct, usePolled } from '../box.ts';
import { MicrophoneChoice } from '../live/microphone-choice.tsx';
import { chosenOf } from '../live/source-name.ts';
import { AddressField, SourceTiles } from '../live/source-tiles.tsx';
import { Problem, Trouble } from '../pieces.tsx';
import { language, say } from '../say.ts';
import { saidOf } from '../words/finding-words.ts';
import { sectionName } from '../words/setting-words.ts';
import type { StudioKey } from '../words/studio-words.ts';
import { checkTyped } from './check-typed.ts';
import { type Draft, effectsOf, patchOf, problemsByKey, typedWith, valueAt } from './draft.ts';
import { FallbackField } from './fallback-field.tsx';
import { presetOf, presets } from './presets.ts';
import { SettingField, type SettingInfo } from './setting-field.tsx';
import { WifiCard } from './wifi-card.tsx';

/** Settings change rarely, and perhaps by somebody else. */
const readAgainMs = 15_000;
/** What most people want to set, in the order in which they think of it; everything else stands folded below. */
const usual: readonly { id: string; word: StudioKey; keys: readonly string[] }[] = [
  { id: 'picture', word: 'sectionPicture', keys: ['video.source', 'video.rotate', 'video.fallback'] },
  { id: 'sound', word: 'sound', keys: ['audio.source', 'audio.muted', 'audio.gainDb', 'audio.delayMs'] },
  {
    id: 'watching',
    word: 'sectionWatching',
    keys: ['viewing.access', 'viewing.pin', 'viewing.maxViewers'],
  },
  {
    id: 'broadcast',
    word: 'broadcast',
    keys: ['broadcast.title', 'broadcast.description', 'broadcast.resumeOnBoot'],
  },
  { id: 'box', word: 'sectionBox', keys: ['device.name', 'network.hostname', 'device.timeZone'] },
];
const numbers = ['video.width', 'video.height', 'video.framesPerSecond', 'video.bitrateKbps'];

interface Props {
  status: BoxStatus;
  /** What was typed and not saved yet; kept while other tabs are shown. */
  draft: Draft;
  setDraft: (change: Draft | ((before: Draft) => Draft)) => void;
  toast: (text: string) => void;
  /** Told of what was saved. */
  changed: (change: SettingsChange) => void;
}

/** Settings as people think of them; saved together, and never without saying what that interrupts. */
export function SettingsTab({ status, draft, setDraft, toast, changed }: Props) {
  const schema = usePolled(getSettingsSchema, null);
  const settings = usePolled(getSettings, readAgainMs);
  const sources = usePolled(listSources, readAgainMs);
  const [found, setFound] = useState<Record<string, string>>({});
  const [notInUse, setNotInUse] = useState<SettingsChange['notInUse']>(null);
  const { busy, problem, act, forget } = useAct();
  const live = isOnAir(status.broadcast.state);
  const list = (schema.reply?.settings ?? []).filter(({ fixed }) => !fixed);
  const refused = problem?.code === 'invalid-message' ? problemsByKey(problem.message, list) : {};
  const wrong = { ...refused, ...found };
  const effects = effectsOf(draft, list);
  const changes = Object.values(draft).filter((value) => value !== undefined).length;

  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    forget();
    const typed = checkTyped(draft, list);
    setFound(typed);
    if (Object.keys(typed).length > 0) return;
    await act(async () => {
      const done = await operatedBox.call(changeSettings, { body: patchOf(draft, list) });
      setDraft({});
      settings.again();
      changed(done);
      setNotInUse(done.notInUse);
      if (done.notInUse === null) toast(say('saved'));
    });
  };
  // The first field at fault comes into sight, wherever it stands.
  const firstWrong = list.find(({ key }) => wrong[key] !== undefined)?.key;
  useEffect(() => {
    if (firstWrong) reveal(firstWrong);
  }, [firstWrong]);

  const shownAt = (key: string): unknown =>
    Object.hasOwn(draft, key) ? draft[key] : valueAt(settings.reply, key);
  const change = (key: string, value: unknown): void => {
    setFound(({ [key]: _, ...others }) => others);
    setDraft((before) => typedWith(before, settings.reply, key, value));
  };
  const field = (key: string) => {
    const setting = list.find((one) => one.key === key);
    if (!setting) return null;
    if (key === 'video.source')
      return (
        <div key={key} class="wide stack tight">
          <SourceTiles
            list={sources.reply?.sources ?? []}
            chosen={chosenOf(sources.reply?.sources ?? [], shownAt(key))?.id ?? null}
            name={say('source')}
            choose={(source) => change(key, source.setting)}
          />
          <AddressField id="setting-video-source" choose={(address) => change(key, address)} />
        </div>
      );
    if (key === 'video.fallback')
      return (
        <FallbackField
          key={key}
          list={sources.reply?.sources ?? []}
          value={shownAt(key)}
          main={shownAt('video.source')}
          wrong={wrong[key] ?? null}
          change={(value) => change(key, value)}
        />
      );
    if (key === 'audio.source')
      return (
        <div key={key} class="field">
          <label for="setting-audio-source">{say('microphone')}</label>
          <MicrophoneChoice
            id="setting-audio-source"
            microphones={sources.reply?.microphones ?? []}
            value={String(shownAt(key))}
            choose={(chosen) => change(key, chosen)}
          />
        </div>
      );
    return one(setting);
  };
  const one = (setting: SettingInfo) => (
    <SettingField
      key={setting.key}
      setting={setting}
      value={shownAt(setting.key)}
      wrong={wrong[setting.key] ?? null}
      onChange={(value) => change(setting.key, value)}
    />
  );
  const shown = new Set([...usual.flatMap(({ keys }) => keys), ...numbers]);
  const rest = list.filter(({ key }) => !shown.has(key));
  const sections = [...new Set(rest.map(({ key }) => key.split('.')[0] ?? key))];
  if (schema.reply === null || settings.reply === null)
    return <Problem of={schema.problem ?? settings.problem} />;
  return (
    <>
      <div role="status">
        {notInUse && (
          <Trouble said={saidOf(notInUse)}>
            <strong class="block">{say('savedNotUsed')}</strong>
          </Trouble>
        )}
      </div>
      <form class="stack" onSubmit={(event) => void save(event)} novalidate>
        {usual.map(({ id, word, keys }) => (
          <section key={id} class="card stack">
            <h2>{say(word)}</h2>
            {id === 'picture' && <PresetChoice settings={settings.reply} draft={draft} setDraft={setDraft} />}
            <div class="fields">{keys.map(field)}</div>
            {id === 'picture' && (
              <Folded heading={say('numbers')} open={numbers.some((key) => wrong[key] !== undefined)}>
                {numbers.map(field)}
              </Folded>
            )}
          </section>
        ))}
        <h2 class="apart">{say('moreSettings')}</h2>
        {sections.map((section) => {
          const inside = rest.filter(({ key }) => key.startsWith(`${section}.`));
          return (
            <Folded
              key={section}
              card
              heading={sectionName(section)}
              open={inside.some(({ key }) => wrong[key] !== undefined)}
            >
              {inside.map(one)}
            </Folded>
          );
        })}
        <div class={`savebar ${changes > 0 ? 'shown' : ''}`}>
          <div class="stack tight grow">
            <p role="status">{changes > 0 && say('notSaved', { count: changes })}</p>
            {effects.has('pipeline') && live && <p class="small">{say('willInterrupt')}</p>}
            {effects.has('address') && <p class="small">{say('willMove')}</p>}
            {Object.keys(wrong).filter(Boolean).length > 0 && (
              <p class="wrong" role="alert">
                {say('someWrong', { count: Object.keys(wrong).filter(Boolean).length })}
              </p>
            )}
            {problem?.code === 'invalid-message' ? (
              wrong[''] && (
                <p class="wrong" lang="en">
                  {wrong['']}
                </p>
              )
            ) : (
              <Problem of={problem} />
            )}
          </div>
          {changes > 0 && (
            <div class="row">
              <button
                type="button"
                class="button"
                onClick={() => {
                  setDraft({});
                  setFound({});
                  forget();
                }}
              >
                {say('undo')}
              </button>
              <button type="submit" class="button primary" disabled={busy}>
                {say('save')}
              </button>
            </div>
          )}
        </div>
      </form>
      <WifiCard />
    </>
  );
}

/** What a picture is good for, before its numbers. */
function PresetChoice(props: { settings: unknown; draft: Draft; setDraft: Props['setDraft'] }) {
  const { settings, draft, setDraft } = props;
  const current = presetOf(settings, draft);
  return (
    <fieldset class="choices">
      <legend class="unseen">{say('presets')}</legend>
      {presets.map((preset) => (
        <label key={preset.id} class="choice tall">
          <input
            type="radio"
            name="preset"
            value={preset.id}
            checked={current === preset}
            onChange={() => setDraft((before) => ({ ...before, ...preset.values }))}
          />
          <span>
            <strong class="block">{say(preset.word)}</strong>
            <span class="small quiet">{say(preset.help)}</span>
          </span>
        </label>
      ))}
      {current === null && (
        <label class="choice tall">
          <input type="radio" name="preset" value="own" checked readOnly />
          <span>
            <strong class="block">{say('presetOwn')}</strong>
            <span class="small quiet">{say('presetOwnHelp')}</span>
          </span>
        </label>
      )}
    </fieldset>
  );
}

function Folded(props: { heading: string; open: boolean; card?: boolean; children: ComponentChildren }) {
  const [open, setOpen] = useState(false);
  return (
    <details
      class={props.card ? 'card' : ''}
      open={open || props.open}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
      lang={language}
    >
      <summary>{props.card ? <h3>{props.heading}</h3> : props.heading}</summary>
      <div class="fields">{props.children}</div>
    </details>
  );
}

/** Scrolls to a field and puts the cursor into it, once what holds it is open. */
function reveal(key: string): void {
  requestAnimationFrame(() => {
    const target = document.getElementById(`setting-${key.replaceAll('.', '-')}`);
    target?.scrollIntoView({ block: 'center' });
    target?.focus({ preventScroll: true });
  });
}
