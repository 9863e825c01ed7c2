import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { SourceEntry } from '#core/domain/media.ts';
import { Icon, Sentences } from '../pieces.tsx';
import { say } from '../say.ts';
import { saidOf } from '../words/finding-words.ts';
import { sourceName } from './source-name.ts';
import { SourceStill } from './source-still.tsx';

interface Props {
  list: readonly SourceEntry[];
  /** The id of the one that is chosen. */
  chosen: string | null;
  name: string;
  disabled?: boolean;
  choose: (source: SourceEntry) => void;
  children?: ComponentChildren;
}

/** What is plugged in, by name and picture: one tap chooses. Who publishes from elsewhere stands there while there is one. */
export function SourceTiles({ list, chosen, name, disabled, choose, children }: Props) {
  const shown = list.filter(({ id, state }) => state !== 'waiting' || id === chosen);
  const reason = list.find(({ id }) => id === chosen)?.reason;
  return (
    <>
      <fieldset class="tiles" id="source" tabIndex={-1}>
        <legend>{name}</legend>
        {shown.map((source) => (
          <label key={source.id} class="tile">
            <input
              type="radio"
              name="source"
              value={source.id}
              checked={source.id === chosen}
              disabled={disabled}
              onChange={() => choose(source)}
            />
            <Thumbnail source={source} />
            <span class="name">{sourceName(source)}</span>
            <span class="small quiet">
              {say(`source-${source.state}`)}
              {largestOf(source)}
            </span>
          </label>
        ))}
        {children}
      </fieldset>
      {shown.length === 0 && <p class="quiet">{say('sourceNone')}</p>}
      <div role="status">
        {reason && (
          <p class="small wrong">
            <Sentences said={saidOf(reason)} />
          </p>
        )}
      </div>
    </>
  );
}

/** The largest picture of a camera and its rate; the camera's own card has all of them. */
function largestOf({ modes }: SourceEntry): string | null {
  const [mode] = modes ?? [];
  return mode ? ` · ${mode.width} × ${mode.height}, ${Math.round(mode.framesPerSecond)} fps` : null;
}

/** Its picture, once there is one; it is looked at again when it is on the air or fails. */
function Thumbnail({ source }: { source: SourceEntry }) {
  const [seen, setSeen] = useState(false);
  return (
    <span class="thumbnail" aria-hidden="true">
      {source.state !== 'waiting' && source.state !== 'failed' && (
        <SourceStill id={source.id} width={160} alt="" once seen={setSeen} />
      )}
      {!seen && <Icon name="camera" />}
    </span>
  );
}

/** A camera in the network has no plug: its address is typed. */
export function AddressField(props: { id: string; disabled?: boolean; choose: (address: string) => void }) {
  const { id, disabled, choose } = props;
  const [typed, setTyped] = useState('');
  const wrong = typed !== '' && !/^(rtsps?|srt):\/\/[^\s/]+/.test(typed.trim());
  const [tried, setTried] = useState(false);
  const use = (): void => {
    setTried(true);
    if (typed.trim() === '' || wrong) return;
    choose(typed.trim());
    setTyped('');
    setTried(false);
  };
  return (
    <div class="field">
      <label for={id}>{say('sourceAddress')}</label>
      <div class="row nowrap">
        <input
          id={id}
          class="input"
          inputMode="url"
          autoComplete="off"
          autoCapitalize="none"
          spellcheck={false}
          maxLength={1_024}
          placeholder="rtsp://user:password@192.168.1.20/stream1"
          aria-describedby={`${id}-help`}
          aria-invalid={tried && wrong}
          value={typed}
          onInput={({ currentTarget }) => setTyped(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Enter') return;
            event.preventDefault();
            use();
          }}
        />
        <button type="button" class="button" disabled={disabled} onClick={use}>
          {say('sourceAddressUse')}
        </button>
      </div>
      <span id={`${id}-help`} class={tried && wrong ? 'wrong' : 'help'}>
        {say(tried && wrong ? 'sourceAddressWrong' : 'sourceAddressHelp')}
      </span>
    </div>
  );
}
