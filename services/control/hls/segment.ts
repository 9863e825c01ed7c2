/** Seconds as the playlist says them: sums of rounded parts stay what their EXTINF says. */
export function roundSeconds(seconds: number): number {
  return Math.round(seconds * 100_000) / 100_000;
}

/** What the multivariant playlist says of the pictures. */
export interface PictureFormat {
  /** RFC 6381. */
  codecs: string;
  width: number;
  height: number;
}

/** A Media Initialization Section (EXT-X-MAP). */
export interface InitSection {
  /** Unique for ever, as its URI is cached for good. */
  name: string;
  bytes: Uint8Array;
  format: PictureFormat;
}

/** A Partial Segment (EXT-X-PART). */
export interface Part {
  name: string;
  durationSeconds: number;
  independent: boolean;
  bytes: Uint8Array;
}

/** A Media Segment: nothing but its parts, one after the other. */
export interface Segment {
  /** Media Sequence Number. */
  sequence: number;
  name: string;
  init: InitSection;
  /** Does not go on from the segment before (EXT-X-DISCONTINUITY). */
  discontinuity: boolean;
  /** Discontinuity Sequence Number, its own discontinuity counted. */
  discontinuitySequence: number;
  /** When its first picture was captured, milliseconds since the epoch. */
  capturedAtMs: number;
  durationSeconds: number;
  byteLength: number;
  parts: Part[];
}

export function endsWithShortPart(segment: Segment, partTargetSeconds: number): boolean {
  const last = segment.parts.at(-1);
  // rfc8216bis 4.4.4.9: every part reaches 85 % of the target, but independent ones and the last of a segment.
  return last !== undefined && !last.independent && last.durationSeconds < 0.85 * partTargetSeconds;
}
