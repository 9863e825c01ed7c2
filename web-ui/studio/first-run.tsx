import { useState } from 'preact/hooks';
import { changeSettings, getSettings } from '#core/protocol/endpoints/settings.ts';
import { listSources } from '#core/protocol/endpoints/sources.ts';
import { operatedBox } from '../page/api.ts';
import type { GoingLive } from './air/going-live.ts';
import { type BoxStatus, useAct, usePolled } from './box.ts';
import { PreviewCard } from './live/preview-card.tsx';
import { SourcePicker, shownSource } from './live/source-picker.tsx';
import { Card, Problem } from './pieces.tsx';
import { say } from './say.ts';
import { valueAt } from './settings/draft.ts';
import { WifiCard } from './settings/wifi-card.tsx';

const steps = ['name', 'network', 'camera', 'watching'] as const;

interface Props {
  status: BoxStatus;
  going: GoingLive;
  toast: (text: string) => void;
  done: () => void;
}

/** Four screens from unpacked to ready: name, network, camera, who may watch. */
export function FirstRun({ status, going, toast, done }: Props) {
  const [at, setAt] = useState(0);
  const step = steps[at] ?? 'name';
  const settings = usePolled(getSettings, 5_000);
  const sources = usePolled(listSources, 3_000);
  const next = (): void => {
    settings.again();
    if (at < steps.length - 1) setAt(at + 1);
    else {
      toast(say('firstRunDone'));
      done();
    }
  };
  const back = at === 0 ? done : () => setAt(at - 1);
  if (settings.reply === null) return <Problem of={settings.problem} />;
  return (
    <>
      <p class="quiet small" role="status">
        {say('firstRunStep', { step: at + 1, of: steps.length })}
      </p>
      <progress class="steps" value={at + 1} max={steps.length} aria-label={say('firstRunHeading')} />
      {step === 'name' && <NameStep name={status.device.name} next={next} back={back} />}
      {step === 'network' && (
        <>
          <Card heading={say('firstRunNetwork')} class="stack">
            <p>
              {status.device.address
                ? say('firstRunReached', { address: status.device.address })
                : say('firstRunNotReached')}
            </p>
          </Card>
          <WifiCard />
          <Buttons next={next} back={back} />
        </>
      )}
      {step === 'camera' && (
        <>
          <PreviewCard
            status={status}
            onAir={going.onAir}
            source={shownSource(sources.reply, valueAt(settings.reply, 'video.source'), going.onAir)}
            secondsLeft={null}
          />
          <Card heading={say('firstRunCamera')} class="stack">
            <SourcePicker
              sources={sources}
              setting={valueAt(settings.reply, 'video.source')}
              changed={settings.again}
              onAir={going.onAir}
              toast={toast}
            />
          </Card>
          <Buttons next={next} back={back} />
        </>
      )}
      {step === 'watching' && (
        <WatchingStep open={valueAt(settings.reply, 'viewing.access') !== 'pin'} next={next} back={back} />
      )}
    </>
  );
}

interface StepProps {
  next: () => void;
  back: () => void;
}

function Buttons({ next, back, busy }: StepProps & { busy?: boolean }) {
  return (
    <div class="row">
      <button type="button" class="button" onClick={back}>
        {say('stepBack')}
      </button>
      <button type="button" class="button primary" disabled={busy} onClick={next}>
        {say('stepNext')}
      </button>
    </div>
  );
}

function NameStep({ name, next, back }: StepProps & { name: string }) {
  const [typed, setTyped] = useState(name);
  const { busy, problem, act } = useAct();
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const body = { device: { name: typed.trim() } };
    if (typed.trim() === name || (await act(() => operatedBox.call(changeSettings, { body })))) next();
  };
  return (
    <form class="stack" onSubmit={(event) => void save(event)}>
      <Card heading={say('firstRunName')} help={say('firstRunNameHelp')} class="stack">
        <div class="field">
          <label for="box-name">{say('name')}</label>
          <input
            id="box-name"
            class="input"
            required
            maxLength={64}
            dir="auto"
            value={typed}
            onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        </div>
        <Problem of={problem} />
      </Card>
      <SubmitButtons back={back} busy={busy} />
    </form>
  );
}

function WatchingStep({ open, next, back }: StepProps & { open: boolean }) {
  const [everybody, setEverybody] = useState(open);
  const [pin, setPin] = useState('');
  const { busy, problem, act } = useAct();
  const save = async (event: Event): Promise<void> => {
    event.preventDefault();
    const viewing = everybody ? { access: 'open' } : { access: 'pin', ...(pin ? { pin } : {}) };
    if (await act(() => operatedBox.call(changeSettings, { body: { viewing } }))) next();
  };
  return (
    <form class="stack" onSubmit={(event) => void save(event)}>
      <Card heading={say('sectionWatching')} class="stack">
        <fieldset class="choices">
          <legend class="unseen">{say('sectionWatching')}</legend>
          <label class="choice tall">
            <input type="radio" name="access" checked={everybody} onChange={() => setEverybody(true)} />
            {say('accessOpen')}
          </label>
          <label class="choice tall">
            <input type="radio" name="access" checked={!everybody} onChange={() => setEverybody(false)} />
            {say('accessPin')}
          </label>
        </fieldset>
        {!everybody && (
          <div class="field">
            <label for="first-pin">{say('pinField')}</label>
            <input
              id="first-pin"
              class="input"
              inputMode="numeric"
              autoComplete="off"
              pattern="\d{4,12}"
              required={open}
              maxLength={12}
              value={pin}
              onInput={({ currentTarget }) => setPin(currentTarget.value)}
            />
            <span class="help">{say('pinHelp')}</span>
          </div>
        )}
        <Problem of={problem} />
      </Card>
      <SubmitButtons back={back} busy={busy} />
    </form>
  );
}

function SubmitButtons({ back, busy }: { back: () => void; busy: boolean }) {
  return (
    <div class="row">
      <button type="button" class="button" onClick={back}>
        {say('stepBack')}
      </button>
      <button type="submit" class="button primary" disabled={busy}>
        {say('stepNext')}
      </button>
    </div>
  );
}
