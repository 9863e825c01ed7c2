import type { StudioKey } from '../words/studio-words.ts';
import { type Draft, valueAt } from './draft.ts';

/** Settings of the picture that belong together, by a name that says what they are good for. */
export interface Preset {
  id: '480p' | '720p30' | '1080p30' | 'vertical';
  word: StudioKey;
  help: StudioKey;
  values: Readonly<Record<string, number>>;
}

const preset = (
  id: Preset['id'],
  [width, height]: [number, number],
  bitrateKbps: number,
  rotate?: number,
): Preset => ({
  id,
  word: `preset-${id}`,
  help: `preset-${id}-help`,
  values: {
    'video.width': width,
    'video.height': height,
    'video.framesPerSecond': 30,
    'video.bitrateKbps': bitrateKbps,
    ...(rotate === undefined ? {} : { 'video.rotate': rotate }),
  },
});

export const presets: readonly Preset[] = [
  preset('480p', [854, 480], 1_200),
  preset('720p30', [1_280, 720], 3_000),
  preset('1080p30', [1_920, 1_080], 5_000),
  // The picture as it is watched: the box turns what a camera on its side sees.
  preset('vertical', [720, 1_280], 3_000, 90),
];

/** The one that the settings are just now, with what is typed; null for numbers of one's own. */
export function presetOf(settings: unknown, draft: Draft): Preset | null {
  const now = (key: string): unknown => draft[key] ?? valueAt(settings, key);
  return (
    presets.find(({ values }) => Object.entries(values).every(([key, value]) => now(key) === value)) ?? null
  );
}
