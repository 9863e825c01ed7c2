import { shownControls } from '#core/domain/camera.ts';
import { type MediaRequest, maskSecrets, type SourceEntry, type SourceList } from '#core/domain/media.ts';
import type { IngestReport } from '#core/protocol/link/media.ts';
import { slateId } from '../encoder/plan.ts';
import type { Catalogue, CatalogueEntry } from './catalogue.ts';
import type { SourceDesk } from './source-desk.ts';
import type { SourceProcess } from './source-process.ts';

interface Sources {
  catalogue: Catalogue;
  desk: SourceDesk;
  /** Who publishes; null where nothing is taken. */
  ingest: IngestReport | null;
  /** What is set of cameras, by their ids. */
  cameras: MediaRequest['cameras'];
}

/** The process of a source by the id under which people know it, whatever setting it was started for. */
export function runningSource(
  id: string,
  { catalogue, desk }: Pick<Sources, 'catalogue' | 'desk'>,
): SourceProcess | undefined {
  return [...desk.all].find(
    (each) => !each.id.startsWith(':') && catalogue.idOf(each.id, each.address) === id,
  );
}

/** Who publishes to a source of this kind; null where others do not publish to it. */
export function publishedTo(kind: string, ingest: IngestReport | null): IngestReport['rtmp'] | null {
  return kind === 'rtmp' || kind === 'srt' || kind === 'whip' ? (ingest?.[kind] ?? null) : null;
}

/** What can be taken, and how it does. @param shown what is on the air */
export function listSources(shown: string | null, sources: Sources): SourceList {
  const { catalogue, desk } = sources;
  const process = shown === null || shown === slateId ? undefined : desk.get(shown);
  const onAir = process ? catalogue.idOf(process.id, process.address) : null;
  const entries = catalogue.entries.map((entry) => entryOf(entry, entry.id === onAir, sources));
  return { sources: entries, microphones: [...catalogue.microphones], onAir, slate: shown === slateId };
}

function entryOf(entry: CatalogueEntry, shown: boolean, sources: Sources): SourceEntry {
  const { id, name, kind, modes, setting, controls: offered } = entry;
  const own = runningSource(id, sources);
  const published = setting.includes('://') ? null : publishedTo(kind, sources.ingest);
  const { state, reason } = published
    ? publishedState(published, own, shown)
    : stateOf(own, shown, setting === 'rtmp' || setting === 'srt' || setting === 'whip');
  const controls = offered && shownControls(offered, sources.cameras[id] ?? {}, own?.refused ?? []);
  const seen = { id, name, kind, setting: maskSecrets(setting), modes, controls };
  return { ...seen, state: shown ? 'on-air' : state, reason };
}

type Standing = Pick<SourceEntry, 'state' | 'reason'>;

function publishedState(
  { publisher, reason, notice }: NonNullable<IngestReport['rtmp']>,
  own: SourceProcess | undefined,
  shown: boolean,
): Standing {
  const playing = own?.state?.state === 'playing';
  const said = own?.reason?.code === 'no-publisher' && publisher ? null : (own?.reason ?? null);
  const idle = publisher === null || said !== null;
  return {
    state: own?.state === null && said ? 'failed' : playing || !idle ? 'ready' : 'waiting',
    reason: reason ?? notice ?? (shown || playing ? null : said),
  };
}

function stateOf(own: SourceProcess | undefined, shown: boolean, waits: boolean): Standing {
  const reason = own?.reason ?? null;
  const playing = own?.state?.state === 'playing';
  return {
    state: playing ? 'ready' : waits ? 'waiting' : reason ? 'failed' : 'ready',
    reason: shown ? null : reason,
  };
}
