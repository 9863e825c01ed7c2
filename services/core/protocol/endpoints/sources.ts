import { sourceList } from '../../domain/media.ts';
import { endpoint } from '../endpoint.ts';

export { sourceEntry, sourceList } from '../../domain/media.ts';

export const listSources = endpoint({
  method: 'GET',
  path: '/api/v1/sources',
  who: 'operator',
  answers: { 200: sourceList },
  summary: 'What can be on the air, with state',
  description:
    'Cameras that are plugged in, the test picture, what others publish (`rtmp`, `srt`, `whip`: `waiting` until they do), and what `video.source` and `video.fallback` name. `onAir` is null, and `slate` true, while none delivers.',
  tag: 'broadcast',
});

export const takeSource = endpoint({
  method: 'POST',
  path: '/api/v1/sources/:id/take',
  who: 'operator',
  answers: { 200: sourceList },
  errors: ['not-found', 'conflict', 'unavailable'],
  summary: 'Puts another source on the air, until stop',
  description:
    'Answers once its pictures are on the air; where they do not come within 10 s, what was shown before stays. Leaves `video.source` as it is. While nothing is on the air, it holds for the next broadcast.',
  tag: 'broadcast',
  timeoutMs: 15_000,
});
