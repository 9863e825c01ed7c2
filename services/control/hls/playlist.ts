import { roundSeconds, type Segment } from './segment.ts';
import type { SegmentWindow } from './segment-window.ts';

/**
 * The media playlist, to rfc8216bis 4.4. Version 6 is what EXT-X-MAP needs, and what low-latency tags ask for
 * (6.2.1: not greater than required). No CAN-SKIP-UNTIL: it could skip only what is older than six target
 * durations, a handful of lines that gzip has already made small.
 * @param options.hint name of the next part; null where none will come (then the playlist has ended)
 */
export function renderPlaylist(window: SegmentWindow, options: { hint: string | null }): string {
  const target = window.targetDurationSeconds;
  const partTarget = window.partTargetSeconds;
  const { growing, segments } = window;
  const withParts = new Set<Segment>(window.segmentsWithParts());
  const first = segments[0] ?? growing;
  const lines = [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-TARGETDURATION:${target}`,
    `#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,HOLD-BACK=${decimal(3 * target)},PART-HOLD-BACK=${decimal(3 * partTarget)}`,
    `#EXT-X-PART-INF:PART-TARGET=${decimal(partTarget)}`,
    `#EXT-X-MEDIA-SEQUENCE:${first?.sequence ?? 0}`,
    `#EXT-X-DISCONTINUITY-SEQUENCE:${(first?.discontinuitySequence ?? 0) - (first?.discontinuity ? 1 : 0)}`,
  ];
  const listed = growing ? [...segments, growing] : segments;
  if (listed.every((segment) => segment.parts[0]?.independent)) lines.push('#EXT-X-INDEPENDENT-SEGMENTS');
  let previous: Segment | null = null;
  for (const segment of listed) {
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

function partLines(segment: Segment): string[] {
  return segment.parts.map(
    ({ name, durationSeconds, independent }) =>
      `#EXT-X-PART:DURATION=${decimal(durationSeconds)},URI="${name}"${independent ? ',INDEPENDENT=YES' : ''}`,
  );
}

function decimal(seconds: number): string {
  return String(roundSeconds(seconds));
}
