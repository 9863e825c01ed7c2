import { useEffect, useState } from 'preact/hooks';
import type { SourceEntry } from '#core/domain/media.ts';
import { changeSettings } from '#core/protocol/endpoints/settings.ts';
import { releaseSource, type SourceListBody, takeSource } from '#core/protocol/endpoints/sources.ts';
import { operatedBox } from '../../page/api.ts';
import { type Polled, useAct } from '../box.ts';
import { Icon, Problem } from '../pieces.tsx';
import { say } from '../say.ts';
import { chosenOf, sourceName } from './source-name.ts';
import { AddressField, SourceTiles } from './source-tiles.tsx';

const slate = 'slate';
/** What was chosen is shown as chosen until the box says so, which is soon; somebody else may have chosen meanwhile. */
const saidWithinMs = 5_000;

interface Props {
  sources: Polled<SourceListBody>;
  /** `video.source` of the settings, where it is known. */
  setting: unknown;
  /** The settings were changed here. */
  changed: () => void;
  onAir: boolean;
  toast: (text: string) => void;
}

/** The source that is, or would be, on the air. */
export function shownSource(
  reply: SourceListBody | null,
  setting: unknown,
  onAir: boolean,
): SourceEntry | null {
  const list = reply?.sources ?? [];
  const taken = reply?.taken === slate ? null : reply?.taken;
  const id = (onAir ? reply?.onAir : null) ?? taken;
  return (id ? list.find((source) => source.id === id) : chosenOf(list, setting)) ?? null;
}

/** What viewers see or will see: before the broadcast it is set, on the air it is cut to. */
export function SourcePicker({ sources, setting, changed, onAir, toast }: Props) {
  const [asked, setAsked] = useState<string | null>(null);
  const { busy, problem, act } = useAct();
  const { reply } = sources;
  const list = reply?.sources ?? [];
  const held = reply?.taken === slate;
  const shown = shownSource(reply, setting, onAir);
  useEffect(() => {
    if (asked === null || busy) return;
    if (asked === shown?.id) return setAsked(null);
    const timer = setTimeout(() => setAsked(null), saidWithinMs);
    return () => clearTimeout(timer);
  }, [asked, busy, shown?.id]);
  const after = async (work: () => Promise<unknown>, id: string): Promise<boolean> => {
    setAsked(id);
    const done = await act(work);
    if (!done || !list.some((source) => source.id === id)) setAsked(null);
    sources.again();
    return done;
  };
  const set = (source: string): Promise<unknown> =>
    operatedBox.call(changeSettings, { body: { video: { source } } });
  const choose = async (source: SourceEntry): Promise<void> => {
    const { id } = source;
    const done = await after(async () => {
      if (onAir) return await operatedBox.call(takeSource, { params: { id } });
      await set(source.setting);
      if (reply?.taken) await operatedBox.call(releaseSource, { params: { id: reply.taken } });
    }, id);
    changed();
    if (done) toast(say(onAir ? 'sourceTaken' : 'sourceChosen', { name: sourceName(source) }));
  };
  const chooseAddress = async (address: string): Promise<void> => {
    const done = await after(() => set(address), address);
    changed();
    if (done) toast(say('sourceAddressSet'));
  };
  const holdSlate = (): void =>
    void after(() => operatedBox.call(held ? releaseSource : takeSource, { params: { id: slate } }), slate);
  return (
    <div class="stack tight">
      <SourceTiles
        list={list}
        chosen={asked && asked !== slate ? asked : held && onAir ? null : (shown?.id ?? null)}
        name={say('source')}
        disabled={busy}
        choose={(source) => void choose(source)}
      >
        {onAir && (
          <button
            type="button"
            class="tile pause"
            aria-pressed={held}
            disabled={busy && asked !== slate}
            onClick={holdSlate}
          >
            <span class="thumbnail">
              <Icon name={held ? 'live' : 'pause'} />
            </span>
            <span class="name">{say(held ? 'slateEnd' : 'slateTake')}</span>
            <span class="small quiet">{say(held ? 'slateHeld' : 'slateHelp')}</span>
          </button>
        )}
      </SourceTiles>
      <div role="status">{onAir && reply?.slate && !held && <p class="wrong">{say('slateShown')}</p>}</div>
      <Problem of={problem} />
      <details>
        <summary>{say('sourceElsewhere')}</summary>
        <AddressField id="source-address" disabled={busy} choose={(address) => void chooseAddress(address)} />
      </details>
    </div>
  );
}
