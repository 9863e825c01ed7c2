import { OnairError } from '#core/domain/errors.ts';
import type { SegmentWindow } from './segment-window.ts';

/** Delivery Directives of a blocking playlist reload (rfc8216bis 6.2.5.2). */
export interface ReloadDirectives {
  /** `_HLS_msn`, a Media Sequence Number. */
  sequence: number;
  /** `_HLS_part`, counted from 0 within that segment; null asks for the whole segment. */
  part: number | null;
}

/** Whether a request asks for a delta update (`_HLS_skip`, 6.2.5.1); values that are not known are ignored. */
export function asksForDelta(query: URLSearchParams): boolean {
  return ['YES', 'v2'].includes(query.get('_HLS_skip') ?? '');
}

/**
 * Reads the directives of a playlist request that blocks; null where there are none.
 * @throws OnairError `invalid-message`: not a number, given twice, or a part without its segment
 */
export function parseReloadDirectives(query: URLSearchParams): ReloadDirectives | null {
  const sequence = decimalInteger(query, '_HLS_msn');
  const part = decimalInteger(query, '_HLS_part');
  if (sequence !== null) return { sequence, part };
  if (part === null) return null;
  throw new OnairError('invalid-message', '_HLS_part needs _HLS_msn beside it.', { subject: '_HLS_part' });
}

/**
 * Whether the playlist has what was asked for.
 * @throws OnairError `invalid-message`: too far ahead to be worth waiting for
 */
export function isSatisfied({ sequence, part }: ReloadDirectives, window: SegmentWindow): boolean {
  const { growing, segments } = window;
  const lastComplete = segments.at(-1)?.sequence ?? (growing?.sequence ?? 0) - 1;
  if (sequence > lastComplete + 2) throw tooFarAhead('_HLS_msn', lastComplete + 2);
  if (part === null) return sequence <= lastComplete;
  if (sequence <= lastComplete) {
    const partCount = segments.find((segment) => segment.sequence === sequence)?.parts.length ?? 0;
    // Beyond the last part of a segment is the first of the next one; no part at all: long gone.
    return sequence < lastComplete || part < partCount || growing !== null;
  }
  const published = growing?.sequence === sequence ? growing.parts.length : 0;
  const partTarget = window.partTargetSeconds;
  const advanceLimit = partTarget < 1 ? Math.ceil(3 / partTarget) : 3;
  if (part >= published + advanceLimit) throw tooFarAhead('_HLS_part', published + advanceLimit - 1);
  return part < published;
}

function decimalInteger(query: URLSearchParams, name: string): number | null {
  const [value, second] = query.getAll(name);
  if (value === undefined) return null;
  if (second === undefined && /^\d{1,15}$/.test(value)) return Number(value);
  throw new OnairError('invalid-message', `${name} must be given once, as a whole number.`, {
    subject: name,
  });
}

function tooFarAhead(name: string, most: number): OnairError {
  return new OnairError(
    'invalid-message',
    `${name} is too far ahead; the most that can be waited for is ${most}.`,
    {
      subject: name,
    },
  );
}
