/** One line of a playlist that is not blank: a tag with its value, or a URI. */
export type PlaylistLine = { tag: string; value: string } | { uri: string };

export interface ReadPart {
  uri: string;
  seconds: number;
  independent: boolean;
}

export interface ReadSegment {
  /** Media Sequence Number. */
  sequence: number;
  /** Null for the one at the end that has parts only. */
  uri: string | null;
  seconds: number | null;
  parts: ReadPart[];
  /** URI of the EXT-X-MAP that holds for it; null where none was said, or it was skipped. */
  map: string | null;
  discontinuity: boolean;
  date: string | null;
}

/** A media playlist as a player reads it. */
export interface ReadPlaylist {
  text: string;
  lines: PlaylistLine[];
  version: number;
  target: number;
  partTarget: number;
  server: ReadonlyMap<string, string>;
  sequence: number;
  discontinuitySequence: number;
  /** Of EXT-X-SKIP. */
  skipped: number;
  segments: ReadSegment[];
  hints: ReadonlyMap<string, string>[];
  ended: boolean;
}

/** Lines as rfc8216bis 4.1 has them. */
export function linesOf(text: string): PlaylistLine[] {
  return text.split(/\r?\n/).flatMap((line): PlaylistLine[] => {
    if (line === '') return [];
    if (!line.startsWith('#')) return [{ uri: line }];
    const [, tag, value = ''] = /^#(EXT[^:]*)(?::(.*))?$/.exec(line) ?? [];
    return tag === undefined ? [] : [{ tag, value }];
  });
}

/**
 * An attribute list (4.2).
 * @throws Error where it is none, or a name stands twice
 */
export function attributesOf(value: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const one = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(,|$)/y;
  while (one.lastIndex < value.length) {
    const at = one.lastIndex;
    const [, name, text] = one.exec(value) ?? [];
    if (name === undefined || text === undefined)
      throw new Error(`no attribute list from character ${at} on: ${value}`);
    if (found.has(name)) throw new Error(`${name} stands twice: ${value}`);
    found.set(name, text);
  }
  return found;
}

export const unquoted = (text: string | undefined): string => text?.replace(/^"|"$/g, '') ?? '';

export function valuesOf({ lines }: Pick<ReadPlaylist, 'lines'>, tag: string): string[] {
  return lines.flatMap((line) => ('tag' in line && line.tag === tag ? [line.value] : []));
}

/** What a media playlist says, whether it may or not: the rules judge that. */
export function readPlaylist(text: string): ReadPlaylist {
  const lines = linesOf(text);
  const numberOf = (tag: string): number => Number(valuesOf({ lines }, tag)[0] ?? Number.NaN);
  const attributes = (tag: string) => valuesOf({ lines }, tag).map(attributesOf);
  const skipped = Number(attributes('EXT-X-SKIP')[0]?.get('SKIPPED-SEGMENTS') ?? 0);
  const playlist: ReadPlaylist = {
    ...{ text, lines, skipped },
    version: numberOf('EXT-X-VERSION'),
    target: numberOf('EXT-X-TARGETDURATION'),
    partTarget: Number(attributes('EXT-X-PART-INF')[0]?.get('PART-TARGET') ?? Number.NaN),
    server: attributes('EXT-X-SERVER-CONTROL')[0] ?? new Map(),
    sequence: numberOf('EXT-X-MEDIA-SEQUENCE'),
    discontinuitySequence: numberOf('EXT-X-DISCONTINUITY-SEQUENCE'),
    segments: [],
    hints: attributes('EXT-X-PRELOAD-HINT'),
    ended: valuesOf({ lines }, 'EXT-X-ENDLIST').length > 0,
  };
  playlist.segments.push(...segmentsOf(lines, playlist.sequence + skipped));
  return playlist;
}

function segmentsOf(lines: readonly PlaylistLine[], from: number): ReadSegment[] {
  const segments: ReadSegment[] = [];
  let map: string | null = null;
  const next = (): ReadSegment => ({
    sequence: from + segments.length,
    ...{ uri: null, seconds: null, parts: [], map, discontinuity: false, date: null },
  });
  let segment = next();
  for (const line of lines) {
    if ('uri' in line) {
      segments.push({ ...segment, uri: line.uri });
      segment = next();
    } else if (line.tag === 'EXTINF') segment.seconds = Number(line.value.split(',')[0]);
    else if (line.tag === 'EXT-X-DISCONTINUITY') segment.discontinuity = true;
    else if (line.tag === 'EXT-X-PROGRAM-DATE-TIME') segment.date = line.value;
    else if (line.tag === 'EXT-X-MAP') {
      map = unquoted(attributesOf(line.value).get('URI'));
      segment.map = map;
    } else if (line.tag === 'EXT-X-PART') segment.parts.push(partOf(line.value));
  }
  return segment.parts.length > 0 ? [...segments, segment] : segments;
}

function partOf(value: string): ReadPart {
  const found = attributesOf(value);
  return {
    uri: unquoted(found.get('URI')),
    seconds: Number(found.get('DURATION') ?? Number.NaN),
    independent: found.get('INDEPENDENT') === 'YES',
  };
}
