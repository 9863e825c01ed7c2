import { attributesOf, type ReadPlaylist, readPlaylist, valuesOf } from './playlist-reader.ts';

/** A MUST of rfc8216bis that a media playlist by itself keeps or breaks. */
export interface MediaRule {
  /** "4.4.3.1". */
  section: string;
  must: string;
  /** What breaks it; null where nothing does. */
  broken: (playlist: ReadPlaylist) => string | null;
  /** Makes a playlist that keeps it one that breaks it: a rule has to be able to fail. */
  spoil: (text: string) => string;
}

/** Of one playlist there is at most one of each (4.4.3). */
const onceOnly = [
  ...['EXT-X-VERSION', 'EXT-X-TARGETDURATION', 'EXT-X-MEDIA-SEQUENCE', 'EXT-X-DISCONTINUITY-SEQUENCE'],
  ...['EXT-X-ENDLIST', 'EXT-X-PART-INF', 'EXT-X-SERVER-CONTROL', 'EXT-X-INDEPENDENT-SEGMENTS', 'EXT-X-SKIP'],
];
const ofMultivariant = ['EXT-X-MEDIA', 'EXT-X-STREAM-INF', 'EXT-X-I-FRAME-STREAM-INF', 'EXT-X-SESSION-DATA'];
const withAttributes = [
  ...[
    'EXT-X-PART-INF',
    'EXT-X-SERVER-CONTROL',
    'EXT-X-PART',
    'EXT-X-MAP',
    'EXT-X-PRELOAD-HINT',
    'EXT-X-SKIP',
  ],
  'EXT-X-RENDITION-REPORT',
];
/** Durations are decimals of milliseconds and less: sums and products differ by no more than this. */
const slack = 1e-6;

/** The first of these that breaks a rule. */
function first<Item>(
  items: readonly Item[],
  broken: (item: Item, at: number) => string | false,
): string | null {
  for (const [at, item] of items.entries()) {
    const why = broken(item, at);
    if (why !== false) return why;
  }
  return null;
}

const number = (text: string | undefined): number => Number(text ?? Number.NaN);
const unless = (kept: boolean, why: string): string | null => (kept ? null : why);
const indexOf = ({ lines }: ReadPlaylist, tag: string): number =>
  lines.findIndex((line) => 'tag' in line && line.tag === tag);
const firstSegment = ({ lines }: ReadPlaylist): number => {
  const at = lines.findIndex((line) => 'uri' in line || /^EXT(INF|-X-PART)$/.test(line.tag));
  return at < 0 ? lines.length : at;
};
const after = (text: string, line: RegExp, added: string): string =>
  text.replace(line, (found) => `${found}\n${added}`);

export const mediaRules: readonly MediaRule[] = [
  {
    section: '4.1',
    must: 'a playlist has no byte order mark and no control characters but line ends',
    broken: ({ text }) => unless(!/[^\P{Cc}\r\n]|\ufeff/u.test(text), 'it has'),
    spoil: (text) => `\ufeff${text}`,
  },
  {
    section: '4.2',
    must: 'an attribute list is one, and each name stands in it once',
    broken: ({ lines }) =>
      first(lines, (line) => {
        if ('uri' in line || !withAttributes.includes(line.tag)) return false;
        try {
          return attributesOf(line.value).size === 0 && line.tag;
        } catch (error) {
          return String(error);
        }
      }),
    spoil: (text) => `${text}#EXT-X-RENDITION-REPORT:URI="a",URI="b"\n`,
  },
  {
    section: '4.4.1.1',
    must: 'EXTM3U is the first line',
    broken: ({ text }) => unless(/^#EXTM3U\r?\n/.test(text), text.slice(0, 20)),
    spoil: (text) => `\n${text}`,
  },
  {
    section: '4.4.3',
    must: 'a tag of playlists stands in it once at most',
    broken: (playlist) => first(onceOnly, (tag) => valuesOf(playlist, tag).length > 1 && tag),
    spoil: (text) => after(text, /#EXT-X-VERSION.*/, '#EXT-X-VERSION:6'),
  },
  {
    section: '4.4.6',
    must: 'no tag of a multivariant playlist stands in it',
    broken: (playlist) => first(ofMultivariant, (tag) => valuesOf(playlist, tag).length > 0 && tag),
    spoil: (text) => `${text}#EXT-X-STREAM-INF:BANDWIDTH=1\n`,
  },
  {
    section: '8',
    must: 'the version is at least what its tags need: 6 for EXT-X-MAP, 9 for EXT-X-SKIP',
    broken: ({ version, skipped }) => unless(version >= (skipped > 0 ? 9 : 6), `${version}`),
    spoil: (text) => text.replace(/#EXT-X-VERSION:\d+/, '#EXT-X-VERSION:5'),
  },
  {
    section: '4.4.3.1',
    must: 'the target duration is a whole number, and no segment rounds to more',
    broken: ({ target, segments, lines }) =>
      unless(/^\d+$/.test(valuesOf({ lines }, 'EXT-X-TARGETDURATION')[0] ?? ''), `${target}`) ??
      first(
        segments,
        ({ seconds, uri }) => seconds !== null && Math.round(seconds) > target && `${uri}: ${seconds}`,
      ),
    spoil: (text) => text.replace(/#EXTINF:[\d.]+/, '#EXTINF:99.5'),
  },
  {
    section: '4.4.3.2',
    must: 'EXT-X-MEDIA-SEQUENCE stands before the first segment',
    broken: (playlist) => {
      const at = indexOf(playlist, 'EXT-X-MEDIA-SEQUENCE');
      return unless(at >= 0 && at < firstSegment(playlist), `line ${at}`);
    },
    spoil: (text) => `${text.replace(/#EXT-X-MEDIA-SEQUENCE.*\n/, '')}#EXT-X-MEDIA-SEQUENCE:1\n`,
  },
  {
    section: '4.4.3.3',
    must: 'EXT-X-DISCONTINUITY-SEQUENCE stands before the first segment and any EXT-X-DISCONTINUITY',
    broken: (playlist) => {
      const at = indexOf(playlist, 'EXT-X-DISCONTINUITY-SEQUENCE');
      const discontinuity = indexOf(playlist, 'EXT-X-DISCONTINUITY');
      const isFirst = at < firstSegment(playlist) && (discontinuity < 0 || at < discontinuity);
      return unless(isFirst && (at >= 0 || discontinuity < 0), `line ${at}`);
    },
    spoil: (text) => text.replace(/#EXT-X-DISCONTINUITY-SEQUENCE.*/, '#EXT-X-DISCONTINUITY\n$&'),
  },
  {
    section: '4.4.3.7',
    must: 'EXT-X-PART-INF with PART-TARGET is there where there are parts',
    broken: ({ partTarget }) => unless(partTarget > 0, `${partTarget}`),
    spoil: (text) => text.replace(/#EXT-X-PART-INF.*\n/, ''),
  },
  {
    section: '4.4.3.8',
    must: 'CAN-SKIP-UNTIL is six target durations or more',
    broken: ({ server, target }) =>
      unless(number(server.get('CAN-SKIP-UNTIL')) >= 6 * target - slack, `${target}`),
    spoil: (text) => text.replace(/CAN-SKIP-UNTIL=[\d.]+/, 'CAN-SKIP-UNTIL=0.5'),
  },
  {
    section: '4.4.3.8',
    must: 'HOLD-BACK is three target durations or more',
    broken: ({ server, target }) =>
      unless(number(server.get('HOLD-BACK')) >= 3 * target - slack, `${target}`),
    spoil: (text) => text.replace(/,HOLD-BACK=[\d.]+/, ',HOLD-BACK=0.5'),
  },
  {
    section: '4.4.3.8',
    must: 'PART-HOLD-BACK is there, and two part targets or more',
    broken: ({ server, partTarget }) =>
      unless(number(server.get('PART-HOLD-BACK')) >= 2 * partTarget - slack, `${partTarget}`),
    spoil: (text) => text.replace(/PART-HOLD-BACK=[\d.]+/, 'PART-HOLD-BACK=0.01'),
  },
  {
    section: '4.4.4.1',
    must: 'each segment has an EXTINF of its own',
    broken: ({ segments }) =>
      first(segments, ({ uri, seconds }) => uri !== null && !(seconds !== null && seconds > 0) && uri),
    spoil: (text) => text.replace(/#EXTINF.*\n/, ''),
  },
  {
    section: '4.4.4.3',
    must: 'where the format changes (another EXT-X-MAP) there is an EXT-X-DISCONTINUITY',
    broken: ({ segments }) =>
      first(segments, ({ map, discontinuity, sequence }, at) => {
        const before = segments[at - 1];
        return before !== undefined && before.map !== map && !discontinuity && `segment ${sequence}`;
      }),
    spoil: (text) => after(text, /\nsegment-\S+/, '#EXT-X-MAP:URI="another.mp4"'),
  },
  {
    section: '4.4.4.5',
    must: 'each fMP4 segment has an EXT-X-MAP before it, with a URI',
    broken: ({ segments, skipped }) =>
      first(segments, ({ map, sequence }) => (skipped > 0 ? map === '' : !map) && `segment ${sequence}`),
    spoil: (text) => text.replace(/#EXT-X-MAP:.*/, '#EXT-X-MAP:BYTERANGE="1@0"'),
  },
  {
    section: '4.4.4.6',
    must: 'EXT-X-PROGRAM-DATE-TIME is a date of ISO 8601 with its zone',
    broken: ({ segments }) =>
      first(segments, ({ date, sequence }) => {
        const good = date !== null && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)$/.test(date);
        return !(good && Number.isFinite(Date.parse(date))) && `segment ${sequence}: ${date}`;
      }),
    spoil: (text) => text.replace(/(#EXT-X-PROGRAM-DATE-TIME:.*)Z/, '$1'),
  },
  {
    section: '4.4.4.9',
    must: 'a part has a URI and a duration, which is not above the part target',
    broken: ({ segments, partTarget }) =>
      first(
        segments.flatMap(({ parts }) => parts),
        ({ uri, seconds }) =>
          !(uri !== '' && seconds > 0 && seconds <= partTarget + slack) && `${uri}: ${seconds}`,
      ),
    spoil: (text) => text.replace(/#EXT-X-PART:DURATION=[\d.]+/, '#EXT-X-PART:DURATION=9'),
  },
  {
    section: '4.4.4.9',
    must: 'a part has 85 % of the part target, but for independent ones and the last of a segment',
    broken: ({ segments, partTarget }) =>
      first(
        segments,
        ({ parts, uri }) =>
          first(parts, ({ seconds, independent, uri: part }, at) => {
            const isLast = uri !== null && at === parts.length - 1;
            // The last of the growing segment may turn out to be the last of all.
            const mayBeLast = uri === null && at === parts.length - 1;
            return (
              !(independent || isLast || mayBeLast) &&
              seconds < 0.85 * partTarget - slack &&
              `${part}: ${seconds}`
            );
          }) ?? false,
      ),
    spoil: (text) => text.replace(/(#EXT-X-PART:DURATION=)[\d.]+(,URI="[^"]*")(?!,)/, '$10.001$2'),
  },
  {
    section: '4.4.2.1',
    must: 'where EXT-X-INDEPENDENT-SEGMENTS stands, each segment begins with an independent part',
    broken: (playlist) =>
      valuesOf(playlist, 'EXT-X-INDEPENDENT-SEGMENTS').length === 0
        ? null
        : first(
            playlist.segments,
            ({ parts, sequence }) => parts[0]?.independent === false && `segment ${sequence}`,
          ),
    spoil: (text) => text.replace(/,INDEPENDENT=YES/g, ''),
  },
  {
    section: '4.4.5.3',
    must: 'there is one EXT-X-PRELOAD-HINT of a type at most, with TYPE and URI, and none once it has ended',
    broken: ({ hints, ended }) =>
      unless(new Set(hints.map((hint) => hint.get('TYPE'))).size === hints.length, 'two of a type') ??
      unless(!(ended && hints.length > 0), 'hint and end') ??
      first(
        hints,
        (hint) => !(/^(PART|MAP)$/.test(hint.get('TYPE') ?? '') && hint.has('URI')) && 'TYPE or URI',
      ),
    spoil: (text) => after(text, /#EXT-X-PRELOAD-HINT.*/, '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="twice"'),
  },
];

/** Everything that a media playlist breaks. */
export function faultsOf(text: string): string[] {
  const playlist = readPlaylist(text);
  return mediaRules.flatMap(({ section, must, broken }) => {
    const why = broken(playlist);
    return why === null ? [] : [`${section}, ${must}: ${why}`];
  });
}
