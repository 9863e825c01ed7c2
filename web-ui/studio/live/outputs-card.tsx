import { useState } from 'preact/hooks';
import { outputPresets } from '#core/domain/output-presets.ts';
import type { AnswerOf } from '#core/protocol/client.ts';
import {
  addOutput,
  changeOutput,
  type listOutputs,
  type OutputBody,
  type OutputState,
  removeOutput,
} from '#core/protocol/endpoints/outputs.ts';
import { operatedBox } from '../../page/api.ts';
import { type Polled, useAct } from '../box.ts';
import { Card, Confirm, Problem, Sentences } from '../pieces.tsx';
import { PlainHttpWarning } from '../plain-http.tsx';
import { figure, say } from '../say.ts';
import { saidOf } from '../words/finding-words.ts';

type PolledOutputs = Polled<AnswerOf<typeof listOutputs, 'operator'>>;

/** Platforms and servers that get the broadcast too, each with its state. */
export function OutputsCard({ outputs, toast }: { outputs: PolledOutputs; toast: (text: string) => void }) {
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<OutputBody | null>(null);
  const { busy, problem, act } = useAct();
  // A box that does not restream.
  if (outputs.problem?.status === 404) return null;
  const list = outputs.reply?.outputs ?? [];
  const change = (id: string, body: { enabled: boolean }): void =>
    void act(async () => {
      await operatedBox.call(changeOutput, { params: { id }, body });
      outputs.again();
    });
  const remove = ({ id }: OutputBody): void => {
    setRemoving(null);
    void act(async () => {
      await operatedBox.call(removeOutput, { params: { id } });
      outputs.again();
    });
  };
  return (
    <Card heading={say('outputs')} help={say('outputsHelp')} class="stack">
      <ul class="list">
        {list.map((output) => (
          <li key={output.id}>
            <span class="grow">
              {output.name}
              <Details output={output} />
            </span>
            <span class={`badge ${badges[output.state]}`}>{say(`output-${output.state}`)}</span>
            <button
              type="button"
              class="button"
              disabled={busy}
              onClick={() => change(output.id, { enabled: !output.enabled })}
            >
              {say(output.enabled ? 'switchOff' : 'switchOn')}
              <span class="unseen"> {output.name}</span>
            </button>
            <button type="button" class="button danger" disabled={busy} onClick={() => setRemoving(output)}>
              {say('remove')}
              <span class="unseen"> {output.name}</span>
            </button>
          </li>
        ))}
      </ul>
      <Problem of={problem} />
      {adding ? (
        <AddForm
          cancel={() => setAdding(false)}
          added={(name) => {
            setAdding(false);
            outputs.again();
            toast(say('outputAdded', { name }));
          }}
        />
      ) : (
        <div>
          <button type="button" id="outputs" class="button" onClick={() => setAdding(true)}>
            {say('outputAdd')}
          </button>
        </div>
      )}
      {removing && (
        <Confirm
          heading={say('outputRemoveHeading', { name: removing.name })}
          text={say('outputRemoveText')}
          yes={say('remove')}
          danger
          onYes={() => remove(removing)}
          onNo={() => setRemoving(null)}
        />
      )}
    </Card>
  );
}

const badges: Record<OutputState, string> = {
  off: '',
  waiting: '',
  connecting: 'warn',
  live: 'live',
  retrying: 'warn',
  failed: 'warn',
};

function Details({ output }: { output: OutputBody }) {
  const { state, bitrateKbps, droppedFrames, reconnects, reason, complaints } = output;
  const facts = [
    state === 'live' && bitrateKbps !== null && `${figure(bitrateKbps / 1_000, 1)} Mbit/s`,
    reconnects > 0 && say('outputReconnects', { count: reconnects }),
    droppedFrames > 0 && say('outputDropped', { count: figure(droppedFrames) }),
  ].filter(Boolean);
  return (
    <span class="small quiet block">
      {facts.join(' · ')}
      {reason && <Sentences said={saidOf(reason)} />}
      {complaints.map((complaint) => (
        <span key={complaint} lang="en" class="block">
          {complaint}
        </span>
      ))}
    </span>
  );
}

const own = 'own';

/** A platform by name needs its key alone; anything else its address. */
function AddForm({ added, cancel }: { added: (name: string) => void; cancel: () => void }) {
  const [kind, setKind] = useState<string>(outputPresets[0]?.id ?? own);
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [key, setKey] = useState('');
  const { busy, problem, act } = useAct();
  const preset = outputPresets.find(({ id }) => id === kind) ?? null;
  const add = async (event: Event): Promise<void> => {
    event.preventDefault();
    const body = {
      name: name.trim() || preset?.name || say('outputOwn'),
      url: preset?.url ?? url.trim(),
      ...(key.trim() ? { key: key.trim() } : {}),
    };
    if (await act(() => operatedBox.call(addOutput, { body }))) added(body.name);
  };
  return (
    <form class="stack" onSubmit={(event) => void add(event)}>
      <fieldset class="choices">
        <legend>{say('outputWhere')}</legend>
        {[...outputPresets.map(({ id, name }) => ({ id, name })), { id: own, name: say('outputOther') }].map(
          ({ id, name }) => (
            <label key={id} class="choice">
              <input
                type="radio"
                name="output-kind"
                value={id}
                checked={kind === id}
                onChange={() => setKind(id)}
              />
              {name}
            </label>
          ),
        )}
      </fieldset>
      {preset === null && (
        <div class="field">
          <label for="output-url">{say('outputAddress')}</label>
          <input
            id="output-url"
            class="input"
            inputMode="url"
            autoComplete="off"
            placeholder="rtmps://…  srt://…  https://…/whip"
            required
            maxLength={1_024}
            value={url}
            onInput={({ currentTarget }) => setUrl(currentTarget.value)}
          />
        </div>
      )}
      <div class="field">
        <label for="output-key">{say(preset ? 'outputKey' : 'outputKeyOwn')}</label>
        <input
          id="output-key"
          class="input"
          type="password"
          autoComplete="off"
          required={preset !== null}
          maxLength={512}
          aria-describedby="output-key-help"
          value={key}
          onInput={({ currentTarget }) => setKey(currentTarget.value)}
        />
        <PlainHttpWarning />
        <span class="help" id="output-key-help">
          {preset ? (
            <a href={preset.keyPage} target="_blank" rel="noreferrer">
              {say('outputKeyPage', { name: preset.name })}
            </a>
          ) : (
            say('outputKeyHelp')
          )}
        </span>
      </div>
      <div class="field">
        <label for="output-name">{say('outputName')}</label>
        <input
          id="output-name"
          class="input"
          maxLength={64}
          placeholder={preset?.name ?? ''}
          value={name}
          onInput={({ currentTarget }) => setName(currentTarget.value)}
        />
      </div>
      <Problem of={problem} />
      <div class="row">
        <button type="button" class="button" onClick={cancel}>
          {say('cancel')}
        </button>
        <button type="submit" class="button primary" disabled={busy}>
          {say('outputAddNow')}
        </button>
      </div>
    </form>
  );
}
