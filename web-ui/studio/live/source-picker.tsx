import { useState } from 'preact/hooks';
import type { SourceEntry, SourceList } from '#core/domain/media.ts';
import { takeSource } from '#core/protocol/endpoints/sources.ts';
import { operatedBox } from '../../page/api.ts';
import { type Polled, useAct } from '../box.ts';
import { Problem, Sentences } from '../pieces.tsx';
import { say } from '../say.ts';
import { saidOf } from '../words/finding-words.ts';

interface Props {
  sources: Polled<SourceList>;
  /** `video.source` of the settings, where it is known. */
  setting: unknown;
  onAir: boolean;
  toast: (text: string) => void;
}

/** What viewers see or will see: by name, with its state; another one is on the air without a gap. */
export function SourcePicker({ sources, setting, onAir, toast }: Props) {
  const [taken, setTaken] = useState<string | null>(null);
  const { busy, problem, act } = useAct();
  const list = sources.reply?.sources ?? [];
  const shown = (onAir ? sources.reply?.onAir : null) ?? taken ?? chosenOf(list, setting)?.id ?? '';
  const chosen = list.find(({ id }) => id === shown);
  const take = (id: string): void =>
    void act(async () => {
      await operatedBox.call(takeSource, { params: { id } });
      setTaken(id);
      sources.again();
      const source = list.find((one) => one.id === id);
      if (source) toast(say(onAir ? 'sourceTaken' : 'sourceChosen', { name: sourceName(source) }));
    });
  return (
    <div class="stack tight">
      <div class="field">
        <label for="source">{say('source')}</label>
        <select
          id="source"
          class="input"
          value={shown}
          disabled={busy || list.length === 0}
          onChange={({ currentTarget }) => take(currentTarget.value)}
        >
          {chosen === undefined && <option value={shown}>{say('sourceNone')}</option>}
          {list.map((source) => (
            <option key={source.id} value={source.id}>
              {sourceName(source)} · {say(`source-${source.state}`)}
            </option>
          ))}
        </select>
        <span class="help">{say(onAir ? 'sourceHelpLive' : 'sourceHelp')}</span>
      </div>
      <div role="status">
        {onAir && sources.reply?.slate && <p class="wrong">{say('slateShown')}</p>}
        {chosen?.reason && (
          <p class="small quiet">
            <Sentences said={saidOf(chosen.reason)} />
          </p>
        )}
      </div>
      <Problem of={problem} />
    </div>
  );
}

/** The source that `video.source` means; "auto" is the first camera. */
export function chosenOf(list: readonly SourceEntry[], setting: unknown): SourceEntry | undefined {
  if (typeof setting !== 'string') return undefined;
  if (setting === 'auto') return list.find(({ kind }) => kind === 'csi' || kind === 'v4l2');
  const kind = setting.split(':')[0];
  return list.find(({ id }) => id === setting) ?? list.find((source) => source.kind === kind);
}

export function sourceName({ kind, name }: SourceEntry): string {
  return kind === 'test' ? say('sourceTest') : name;
}
