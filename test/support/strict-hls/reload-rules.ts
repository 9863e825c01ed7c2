import type { ReadPlaylist, ReadSegment } from './playlist-reader.ts';

/** A MUST of rfc8216bis about what a server may change from one version of a playlist to the next. */
export interface ReloadRule {
  section: string;
  must: string;
  /** What breaks it; null where nothing does. */
  broken: (before: ReadPlaylist, after: ReadPlaylist) => string | null;
  /** Makes the later one break it: a rule has to be able to fail. */
  spoil: (after: string) => string;
}

const complete = ({ segments }: ReadPlaylist): ReadSegment[] => segments.filter(({ uri }) => uri !== null);

/** Each segment that both list, as either does. */
function both(before: ReadPlaylist, after: ReadPlaylist): [ReadSegment, ReadSegment][] {
  return before.segments.flatMap((one) => {
    const other = after.segments.find(({ sequence }) => sequence === one.sequence);
    return other ? [[one, other] as [ReadSegment, ReadSegment]] : [];
  });
}

function firstOf<Item>(items: readonly Item[], broken: (item: Item) => string | false): string | null {
  for (const item of items) {
    const why = broken(item);
    if (why !== false) return why;
  }
  return null;
}

const raised = (text: string, tag: string): string =>
  text.replace(new RegExp(`(#${tag}:)(\\d+)`), (_, name, value) => `${name}${Number(value) + 1}`);

export const reloadRules: readonly ReloadRule[] = [
  {
    section: '6.2.1',
    must: 'a listed segment keeps its URI, its duration, its map, its date and its discontinuity',
    broken: (before, after) =>
      firstOf(both(before, after), ([one, other]) => {
        const whole = one.uri === null || (one.uri === other.uri && one.seconds === other.seconds);
        const same =
          one.map === other.map && one.date === other.date && one.discontinuity === other.discontinuity;
        return !(whole && same) && `segment ${one.sequence}`;
      }),
    spoil: (after) => after.replace(/#EXTINF:[\d.]+/, '#EXTINF:0.123'),
  },
  {
    section: '6.2.1',
    must: 'segments go from the beginning, and each that goes raises the media sequence by one',
    broken: (before, after) =>
      after.sequence < before.sequence
        ? `${before.sequence} to ${after.sequence}`
        : firstOf(complete(before), ({ sequence, uri }) => {
            const listed = after.segments.find((other) => other.uri === uri);
            return (
              sequence >= after.sequence + after.skipped && listed?.sequence !== sequence && `${uri} moved`
            );
          }),
    spoil: (after) => raised(after, 'EXT-X-MEDIA-SEQUENCE'),
  },
  {
    section: '6.2.2',
    must: 'an EXT-X-DISCONTINUITY that goes raises the discontinuity sequence by one',
    broken: (before, after) => {
      const gone = before.segments.filter(({ sequence }) => sequence < after.sequence);
      const raised = after.discontinuitySequence - before.discontinuitySequence;
      const wanted = gone.filter(({ discontinuity }) => discontinuity).length;
      return raised === wanted ? null : `${wanted} gone, raised by ${raised}`;
    },
    spoil: (after) => raised(after, 'EXT-X-DISCONTINUITY-SEQUENCE'),
  },
  {
    section: '6.2.2',
    must: 'no segment goes that leaves less than three target durations',
    broken: (before, after) => {
      const left = complete(after).reduce((sum, { seconds }) => sum + (seconds ?? 0), 0);
      return after.sequence > before.sequence && after.skipped === 0 && left < 3 * after.target - 1e-6
        ? `${left} s`
        : null;
    },
    spoil: (after) => after.replace(/(#EXT-X-TARGETDURATION:)\d+/, '$199'),
  },
  {
    section: '6.2.1',
    must: 'the target duration, the part target and what the server promises stay',
    broken: (before, after) => {
      const promises = ({ target, partTarget, server }: ReadPlaylist) =>
        JSON.stringify([target, partTarget, ...server]);
      return promises(before) === promises(after) ? null : `${promises(before)} to ${promises(after)}`;
    },
    spoil: (after) => raised(after, 'EXT-X-TARGETDURATION'),
  },
  {
    section: '4.4.5.3',
    must: 'the hinted part is the one that comes next',
    broken: (before, after) => {
      const hinted = before.hints
        .find((hint) => hint.get('TYPE') === 'PART')
        ?.get('URI')
        ?.replaceAll('"', '');
      if (hinted === undefined) return null;
      const known = new Set(before.segments.flatMap(({ parts }) => parts.map(({ uri }) => uri)));
      const next = after.segments.flatMap(({ parts }) => parts).find(({ uri }) => !known.has(uri));
      return next === undefined || next.uri === hinted ? null : `hinted ${hinted}, came ${next.uri}`;
    },
    spoil: (after) => after.replaceAll(/(#EXT-X-PART:DURATION=[\d.]+,URI=")/g, '$1another-'),
  },
  {
    section: '4.4.4.9',
    must: 'the parts of a segment add up to it, and those listed stay as they are',
    broken: (before, after) =>
      firstOf(both(before, after), ([one, other]) => {
        const kept = one.parts.every(({ uri, seconds, independent }, at) => {
          const now = other.parts[at];
          return (
            now === undefined ||
            (now.uri === uri && now.seconds === seconds && now.independent === independent)
          );
        });
        const sum = other.parts.reduce((total, { seconds }) => total + seconds, 0);
        const fits =
          other.uri === null || other.parts.length === 0 || Math.abs(sum - (other.seconds ?? 0)) < 1e-4;
        return !(kept && fits) && `segment ${one.sequence}`;
      }),
    spoil: (after) => after.replace(/(#EXT-X-PART:DURATION=)[\d.]+/, '$10.05'),
  },
];

/** The whole playlist that a delta update stands for (6.2.5.1), for a client that has `known`. */
export function withSkipped(known: ReadPlaylist, delta: ReadPlaylist): ReadPlaylist {
  const skipped = known.segments.filter(
    ({ sequence }) => sequence >= delta.sequence && sequence < delta.sequence + delta.skipped,
  );
  const map = skipped.at(-1)?.map ?? null;
  const rest = delta.segments.map((segment) => ({ ...segment, map: segment.map ?? map }));
  return { ...delta, skipped: 0, segments: [...skipped, ...rest] };
}
