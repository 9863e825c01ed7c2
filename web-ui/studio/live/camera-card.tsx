import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { CameraControlName, ShownControl } from '#core/domain/camera.ts';
import type { SourceEntry } from '#core/domain/media.ts';
import { changeSourceControls } from '#core/protocol/endpoints/sources.ts';
import { operatedBox } from '../../page/api.ts';
import { speaker } from '../../page/language.ts';
import { useAct } from '../box.ts';
import { Card, Problem } from '../pieces.tsx';
import { figure, language } from '../say.ts';
import { cameraWords } from '../words/camera-words.ts';
import { type ChosenControls, ControlSender, sizesOf, valueText } from './camera-values.ts';
import { sourceName } from './source-name.ts';

const say = speaker(cameraWords, language);

/** What the camera offers, and nothing else; each change is seen at once, also while a slider moves. */
export function CameraCard({ source }: { source: SourceEntry }) {
  const { id, controls, modes } = source;
  const { problem, act } = useAct();
  /** What was chosen here and is not known to hold yet. */
  const [chosen, setChosen] = useState<ChosenControls>({});
  const [known, setKnown] = useState(controls);
  const sending = useRef(false);
  const sender = useMemo(() => {
    const send = (body: ChosenControls) =>
      act(async () => {
        const answer = await operatedBox.call(changeSourceControls, { params: { id }, body });
        setKnown(answer.controls);
      });
    return new ControlSender(send, () => {
      sending.current = false;
      setChosen({});
    });
  }, [id]);
  // While something is on its way, the list may still say what was before.
  useEffect(() => {
    if (!sending.current) setKnown(controls);
  }, [controls]);
  if (controls === null || known === null) return null;
  const choose = (change: ChosenControls): void => {
    sending.current = true;
    setChosen((before) => ({ ...before, ...change }));
    sender.push(change);
  };
  const shown = known.map((control) => {
    const own = chosen[control.name];
    return { ...control, value: own === undefined ? control.value : (own ?? control.default) };
  });
  const changed = shown.filter(({ value, default: standard }) => value !== standard);
  return (
    <Card heading={say('heading', { name: sourceName(source) })} help={say('help')} class="stack" id="camera">
      {shown.map((control) => (
        <Control key={control.name} control={control} choose={(value) => choose({ [control.name]: value })} />
      ))}
      {changed.length > 1 && (
        <div class="row end">
          <button
            type="button"
            class="button"
            onClick={() => choose(Object.fromEntries(changed.map(({ name }) => [name, null])))}
          >
            {say('allByDefault')}
          </button>
        </div>
      )}
      {modes !== null && (
        <details>
          <summary>{say('modes')}</summary>
          <ul>
            {sizesOf(modes).map(({ width, height, rates }) => (
              <li key={`${width} ${height}`}>
                {say('mode', { width, height, rates: rates.map((rate) => figure(rate)).join(', ') })}
              </li>
            ))}
          </ul>
        </details>
      )}
      <Problem of={problem} />
    </Card>
  );
}

type Chosen = ChosenControls[CameraControlName];

function Control({ control, choose }: { control: ShownControl; choose: (value: Chosen) => void }) {
  const { name, range, choices, value, refused, default: standard } = control;
  const id = `camera-${name}`;
  const text = typeof value === 'number' ? valueText(name, value, figure) : null;
  /** Where a slider stands while the camera decides by itself. */
  const [last, setLast] = useState(() => middle(control));
  const number = typeof value === 'number' ? value : last;
  return (
    <div class="field">
      <label for={id}>
        {say(name)}
        {text && `: ${text}`}
      </label>
      <div class="row">
        {range && (
          <input
            id={id}
            class="grow"
            type="range"
            min={range.minimum}
            max={range.maximum}
            step={range.step}
            value={number}
            aria-valuetext={text ?? say('auto')}
            onInput={({ currentTarget: { valueAsNumber } }) => {
              setLast(valueAsNumber);
              choose(valueAsNumber);
            }}
          />
        )}
        {choices.includes('auto') && (
          <button
            type="button"
            class={`button ${value === 'auto' ? 'primary' : ''}`}
            aria-pressed={value === 'auto'}
            disabled={range === null}
            onClick={() => choose(value === 'auto' ? last : 'auto')}
          >
            {say('auto')}
          </button>
        )}
        {name === 'flip' && (
          <select
            id={id}
            class="input"
            value={String(value)}
            onChange={({ currentTarget }) => choose(currentTarget.value as Chosen)}
          >
            {choices.map((choice) => (
              <option key={choice} value={choice}>
                {say(`flip-${choice}` as 'flip-none')}
              </option>
            ))}
          </select>
        )}
        {value !== standard && (
          <button
            type="button"
            class="button"
            onClick={() => choose(null)}
            aria-label={`${say(name)}: ${say('byDefault')}`}
          >
            {say('byDefault')}
          </button>
        )}
      </div>
      {refused && (
        <p class="small wrong" role="status">
          {say('refused')}
        </p>
      )}
    </div>
  );
}

function middle({ range, default: standard, value }: ShownControl): number {
  if (typeof value === 'number') return value;
  if (typeof standard === 'number') return standard;
  if (range === null) return 0;
  const steps = Math.round((range.maximum - range.minimum) / 2 / range.step);
  return range.minimum + steps * range.step;
}
