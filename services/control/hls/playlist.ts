import { roundSeconds, type Segment } from './segment.ts';
import type { SegmentWindow } from './segment-window.ts';

/**
 * The media playlist, to rfc8216bis 4.4. Version 6 is what EXT-X-MAP needs, and what low-latency tags ask for
 * (6.2.1: not greater than required); EXT-X-SKIP takes 9.
 * @param options.hint name of the next part; null where none will come (then the playlist has ended)
 * @param options.delta leave out what the client has already, where there is any of that (4.4.5.2)
 */
export function renderPlaylist(
  window: SegmentWindow,
  options: { hint: string | null; delta?: boolean },
): string {
  const target = window.targetDurationSeconds;
  const partTarget = window.partTargetSeconds;
  const { growing, segments } = window;
  const withParts = new Set<Segment>(window.segmentsWithParts());
  const first = segments[0] ?? growing;
  const skipped = options.delta ? window.skippableSegments : 0;
  const lines = [
    '#EXTM3U',
    `#EXT-X-VERSION:${skipped > 0 ? 9 : 6}`,
    `#EXT-X-TARGETDURATION:${target}`,
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,CAN-SKIP-UNTIL=${decimal(window.skipBoundarySeconds)},HOLD-BACK=${decimal(3 * target)},PART-HOLD-BACK=${decimal(3 * partTarget)}`,
    `#EXT-X-PART-INF:PART-TARGET=${decimal(partTarget)}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.sequence ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${(first?.discontinuitySequence ?? 0) - (first?.discontinuity ? 1 : 0)}`,
  ];
  const listed = growing ? [...segments, growing] : segments;
  if (listed.every((segment) => segment.parts[0]?.independent)) lines.push('#EXT-X-INDEPENDENT-SEGMENTS');
  if (skipped > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`);
  let previous: Segment | null = listed[skipped - 1] ?? null;
  for (const segment of listed.slice(skipped)) {
    if (segment.discontinuity) lines.push('#EXT-X-DISCONTINUITY');
    if (segment.init !== previous?.init) lines.push(`#EXT-X-MAP:URI="${segment.init.name}"`);
    lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.capturedAtMs).toISOString()}`);
    if (segment === growing || withParts.has(segment)) lines.push(...partLines(segment));
    if (segment !== growing) lines.push(`#EXTINF:${decimal(segment.durationSeconds)},`, segment.name);
    previous = segment;
  }
  lines.push(
    options.hint === null ? '#EXT-X-ENDLIST' : `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${options.hint}"`,
  );
  return `${lines.join('\n')}\n`;
}

/**
 * The multivariant playlist (4.4.6.2): one variant, with what players want to know before they fetch it. Peak and average
 * are those of the listed segments.
 * @param options.uri of the media playlist
 */
export function renderMultivariant(
  window: SegmentWindow,
  options: { uri: string; framesPerSecond: number },
): string {
  const { growing, segments } = window;
  const newest = growing ?? segments.at(-1);
  const rates = segments
    .filter(({ durationSeconds }) => durationSeconds > 0)
    .map(({ byteLength, durationSeconds }) => (8 * byteLength) / durationSeconds);
  const average = rates.reduce((sum, rate) => sum + rate, 0) / Math.max(1, rates.length);
  const attributes = [
    `BANDWIDTH=${Math.ceil(Math.max(1, ...rates))}`,
    `AVERAGE-BANDWIDTH=${Math.ceil(Math.max(1, average))}`,
    ...(newest
      ? [
          `CODECS="${newest.init.format.codecs}"`,
          `RESOLUTION=${newest.init.format.width}x${newest.init.format.height}`,
        ]
      : []),
    `FRAME-RATE=${options.framesPerSecond.toFixed(3)}`,
  ];
  return ['#EXTM3U', `#EXT-X-STREAM-INF:${attributes.join(',')}`, options.uri, ''].join('\n');
}

function partLines(segment: Segment): string[] {
  return segment.parts.map(
    ({ name, durationSeconds, independent }) =>
      `#EXT-X-PART:DURATION=${decimal(durationSeconds)},URI="${name}"${independent ? ',INDEPENDENT=YES' : ''}`,
  );
}

function decimal(seconds: number): string {
  return String(roundSeconds(seconds));
}
