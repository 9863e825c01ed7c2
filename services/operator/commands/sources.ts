import { z } from 'zod';
import { type SourceEntry, sourceList } from '#core/domain/media.ts';
import { listSources, takeSource } from '#core/protocol/endpoints/sources.ts';
import { command } from '../command.ts';

export const sourcesCommand = command({
  method: 'sources',
  summary: 'What can be on the air',
  arguments: [],
  params: z.strictObject({}),
  result: sourceList,
  run: async (_, { box, signal }) => await box.call(listSources, { signal }),
  show: ({ sources, slate }) => {
    const width = Math.max(2, ...sources.map(({ id }) => id.length));
    const lines = sources.map(
      (entry) => `${entry.id.padEnd(width)}  ${entry.state.padEnd(7)}  ${detail(entry)}`,
    );
    const note = slate ? ['The slate is on the air: nothing that may be shown delivers.'] : [];
    return [...lines, ...note].join('\n');
  },
});

export const sourcesTakeCommand = command({
  method: 'sources.take',
  summary: 'Put another source on the air, until stop',
  details: 'While nothing is on the air, it holds for the next broadcast. video.source stays as it is.',
  arguments: [{ name: 'id' }],
  params: z.strictObject({ id: z.string().min(1).max(256) }),
  result: sourceList.extend({ taken: z.string() }),
  run: async ({ id }, { box, signal }) => ({
    ...(await box.call(takeSource, { params: { id }, signal })),
    taken: id,
  }),
  show: ({ sources, onAir, taken }) => {
    const name = sources.find(({ id }) => id === taken)?.name ?? taken;
    return onAir === taken
      ? `${name} is on the air, until stop.`
      : `${name} is on the air from the next broadcast's start to its stop.`;
  },
});

function detail({ name, modes, reason }: SourceEntry): string {
  const largest = modes?.reduce((best, mode) =>
    mode.width * mode.height > best.width * best.height ? mode : best,
  );
  const size = largest ? ` (up to ${largest.width}x${largest.height})` : '';
  return `${name}${size}${reason ? `: ${reason.message}` : ''}`;
}
