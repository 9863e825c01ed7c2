import type { SourceEntry } from '#core/domain/media.ts';
import { say } from '../say.ts';

/** A source as people read it. */
export function sourceName({ kind, name }: Pick<SourceEntry, 'kind' | 'name'>): string {
  return kind === 'test' ? say('sourceTest') : name;
}

/** The source that `video.source` means; "auto" is the first camera. */
export function chosenOf(list: readonly SourceEntry[], setting: unknown): SourceEntry | undefined {
  if (typeof setting !== 'string') return undefined;
  if (setting === 'auto') return list.find(({ kind }) => kind === 'csi' || kind === 'v4l2');
  return list.find((source) => source.setting === setting) ?? list.find(({ id }) => id === setting);
}
