import { useState } from 'preact/hooks';
import {
  getUpdate,
  installUpdate,
  rollBackUpdate,
  type UpdateBody,
  uploadUpdate,
} from '#core/protocol/endpoints/update.ts';
import { operatedBox } from '../page/api.ts';
import { useAct, usePolled } from './box.ts';
import { Card, Confirm, Figure, Problem, Trouble } from './pieces.tsx';
import { figure, say } from './say.ts';
import { uploadFile } from './upload-file.ts';
import { saidOf } from './words/finding-words.ts';

const busyStates: readonly UpdateBody['state'][] = ['downloading', 'verifying', 'installing', 'trying'];

/** The version that runs, bringing another one, and going back; nothing where the box is updated in another way. */
export function UpdateCard({ onAir }: { onAir: boolean }) {
  const update = usePolled(getUpdate, 2_000);
  const { busy, problem, act } = useAct();
  const [asking, setAsking] = useState<(() => Promise<unknown>) | 'back' | null>(null);
  const [sentRatio, setSentRatio] = useState<number | null>(null);
  if (update.problem?.code === 'unavailable')
    return <Card heading={say('update')} help={say('updateElsewhere')} class="stack" children={null} />;
  if (update.reply === null) return null;
  const { current, slot, available, state, percent, reason } = update.reply;
  const works = busyStates.includes(state) || sentRatio !== null;
  const shownPercent = sentRatio === null ? percent : Math.round(sentRatio * 100);
  const begin = (work: () => Promise<unknown>): void => {
    setAsking(null);
    void act(async () => {
      try {
        await work();
      } finally {
        setSentRatio(null);
        update.again();
      }
    });
  };
  const goBack = (): Promise<unknown> => operatedBox.call(rollBackUpdate, { body: {} });
  return (
    <Card heading={say('update')} class="stack" id="update">
      <dl class="figures">
        <Figure name={say('version')} value={slot ? `${current} (${slot})` : current} />
        {available !== null && available !== current && (
          <Figure name={say('updateBrought')} value={available} />
        )}
      </dl>
      <div role="status">
        <p>{sentRatio === null ? say(`update-${state}`) : say('updateSending')}</p>
      </div>
      {works && (
        <progress
          class="steps"
          aria-label={say('update')}
          max={100}
          {...(shownPercent === null ? {} : { value: shownPercent })}
        />
      )}
      {shownPercent !== null && works && <p class="figure small">{figure(shownPercent)} %</p>}
      {available !== null && available !== current && !works && state !== 'rolled-back' && (
        <div>
          <button
            type="button"
            class="button primary"
            disabled={busy || onAir}
            onClick={() => setAsking(() => () => operatedBox.call(installUpdate, { body: {} }))}
          >
            {say('updateInstallNew', { version: available })}
          </button>
        </div>
      )}
      {reason && <Trouble said={saidOf(reason)} />}
      <Problem of={problem} />
      {onAir && <p class="quiet">{say('updateOnAir')}</p>}
      <Bring
        disabled={busy || works || onAir}
        bring={(work) => setAsking(() => work)}
        sent={(ratio) => setSentRatio(ratio)}
      />
      {slot !== null && (
        <div>
          <button
            type="button"
            class="button"
            disabled={busy || works || onAir}
            onClick={() => setAsking('back')}
          >
            {say('updateBack')}
          </button>
        </div>
      )}
      {asking !== null && (
        <Confirm
          heading={say(asking === 'back' ? 'updateBackHeading' : 'updateHeading')}
          text={say('updateText')}
          yes={say(asking === 'back' ? 'updateBack' : 'updateInstall')}
          onYes={() => begin(asking === 'back' ? goBack : asking)}
          onNo={() => setAsking(null)}
        />
      )}
    </Card>
  );
}

/** A file of this computer, or an address that the box fetches from. */
function Bring(props: {
  disabled: boolean;
  bring: (work: () => Promise<unknown>) => void;
  sent: (ratio: number) => void;
}) {
  const { disabled, bring, sent } = props;
  const [url, setUrl] = useState('');
  return (
    <>
      <div class="field">
        <label for="update-file">{say('updateFile')}</label>
        <input
          id="update-file"
          class="input"
          type="file"
          accept=".raucb"
          disabled={disabled}
          aria-describedby="update-file-help"
          onChange={({ currentTarget: { files } }) => {
            const [bundle] = files ?? [];
            if (bundle) bring(() => uploadFile(uploadUpdate, uploadUpdate.path, bundle, sent));
          }}
        />
        <span id="update-file-help" class="help">
          {say('updateFileHelp')}
        </span>
      </div>
      <form
        class="field"
        onSubmit={(event) => {
          event.preventDefault();
          if (url.trim() !== '') bring(() => operatedBox.call(installUpdate, { body: { url: url.trim() } }));
        }}
      >
        <label for="update-url">{say('updateUrl')}</label>
        <div class="row nowrap">
          <input
            id="update-url"
            class="input"
            inputMode="url"
            autoComplete="off"
            autoCapitalize="none"
            spellcheck={false}
            maxLength={2_048}
            placeholder="https://…/onair.raucb"
            disabled={disabled}
            value={url}
            onInput={({ currentTarget }) => setUrl(currentTarget.value)}
          />
          <button type="submit" class="button" disabled={disabled || url.trim() === ''}>
            {say('updateInstall')}
          </button>
        </div>
      </form>
    </>
  );
}
