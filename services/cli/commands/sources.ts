import type { SourceEntry, SourceList } from '#core/domain/media.ts';
import { listSources, takeSource } from '#core/protocol/endpoints/sources.ts';
import { CliError } from '../cli-error.ts';
import type { LinkApi } from '../link-api.ts';

/** `onair sources [take ID] [--json]`: what can be on the air, and putting it there. */
export async function sources(
  api: LinkApi,
  [action = 'list', id]: string[],
  { json }: { json: boolean },
): Promise<string> {
  if (action === 'list') {
    const list = await api.call(listSources);
    return json ? JSON.stringify(list, null, 2) : describe(list);
  }
  if (action !== 'take' || !id) throw new CliError(2, 'Usage: onair sources [take ID] [--json]');
  const list = await api.call(takeSource, { params: { id } });
  if (json) return JSON.stringify(list, null, 2);
  const name = list.sources.find((source) => source.id === id)?.name ?? id;
  return list.onAir === id
    ? `${name} is on the air, until stop.`
    : `${name} is on the air from the next broadcast's start to its stop.`;
}

function describe({ sources: entries, slate }: SourceList): string {
  const width = Math.max(2, ...entries.map(({ id }) => id.length));
  const lines = entries.map(
    (entry) => `${entry.id.padEnd(width)}  ${entry.state.padEnd(7)}  ${detail(entry)}`,
  );
  return [...lines, ...(slate ? ['The slate is on the air: nothing that may be shown delivers.'] : [])].join(
    '\n',
  );
}

function detail({ name, modes, reason }: SourceEntry): string {
  const largest = modes?.reduce((best, mode) =>
    mode.width * mode.height > best.width * best.height ? mode : best,
  );
  const size = largest ? ` (up to ${largest.width}x${largest.height})` : '';
  return `${name}${size}${reason ? `: ${reason.message}` : ''}`;
}
