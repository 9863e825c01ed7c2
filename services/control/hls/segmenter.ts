import type { Fragment } from '#core/protocol/fragment.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { type HlsSettings, isLongEnough } from './hls-settings.ts';
import type { MediaSequence } from './media-sequence.ts';
import { endsWithShortPart, type InitSection, type PictureFormat, roundSeconds } from './segment.ts';
import type { SegmentWindow } from './segment-window.ts';

type InitFragment = Fragment & { header: { kind: 'init' } };
type PartFragment = Fragment & { header: { kind: 'part' } };

interface Pipeline {
  id: string;
  bytes: Uint8Array;
  format: PictureFormat;
  /** Named after the first segment that needs it. */
  section: InitSection | null;
  /** `sequence` of the next part; null before the first one that was taken. */
  nextPart: number | null;
}

interface Deps {
  window: SegmentWindow;
  mediaSequence: MediaSequence;
  settings: HlsSettings;
  logger: Logger;
}

/**
 * Groups the parts that arrive into segments: where one begins, where the stream does not go on.
 * Nothing is taken before an independent part, as no player could show it.
 */
export class Segmenter {
  readonly #deps: Deps;
  #settings: HlsSettings;
  #pipeline: Pipeline | null = null;
  #partPrefix: string | null = null;
  #partCount = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#settings = deps.settings;
  }

  /** Nothing can be shown before one comes: to begin with, or to complete the first segment. */
  get awaitsKeyFrame(): boolean {
    if (this.#pipeline === null) return false;
    return this.#pipeline.nextPart === null || this.#deps.window.segments.length === 0;
  }

  /** The name that the next part will have, whichever segment it falls into; null before the first. */
  get nextPartName(): string | null {
    return this.#partPrefix === null ? null : `${this.#partPrefix}${this.#partCount}.m4s`;
  }

  reconfigure(settings: HlsSettings): void {
    this.#settings = settings;
  }

  /** The next part begins a discontinuity. */
  interrupt(): void {
    if (this.#pipeline) this.#pipeline.nextPart = null;
  }

  takeInit({ header, bytes }: InitFragment): void {
    const known = this.#pipeline;
    if (known?.id === header.pipelineId && Buffer.compare(known.bytes, bytes) === 0) return;
    const { codecs, width, height } = header;
    this.#pipeline = {
      id: header.pipelineId,
      bytes: ownBytes(bytes),
      format: { codecs, width, height },
      section: null,
      nextPart: null,
    };
  }

  /** @returns whether the part is in the playlist now */
  takePart({ header, bytes }: PartFragment): boolean {
    const pipeline = this.#pipeline;
    if (pipeline?.id !== header.pipelineId) {
      this.#deps.logger.debug(
        { pipelineId: header.pipelineId },
        'a part without its init section is of no use',
      );
      return false;
    }
    const goesOn = header.sequence === pipeline.nextPart && this.#deps.window.growing !== null;
    if (!goesOn && pipeline.nextPart !== null) {
      this.#deps.logger.warn(
        { missing: header.sequence - pipeline.nextPart },
        'HLS parts got lost on their way here',
      );
      pipeline.nextPart = null;
    }
    if (!goesOn && !header.independent) return false;
    const durationSeconds = roundSeconds(header.durationSeconds);
    if (!goesOn) this.#deps.window.learnPartTarget(durationSeconds);
    if (!goesOn || this.#endsHere(header.independent)) this.#open(pipeline, header.capturedAtMs, !goesOn);
    pipeline.nextPart = header.sequence + 1;
    const { independent } = header;
    const name = this.nextPartName ?? '';
    this.#partCount += 1;
    this.#deps.window.append({ name, durationSeconds, independent, bytes: ownBytes(bytes) });
    return true;
  }

  #endsHere(nextIsIndependent: boolean): boolean {
    const segment = this.#deps.window.growing;
    if (!segment) return true;
    if (!nextIsIndependent) return this.#deps.window.mustEnd;
    return (
      // Until there is a whole segment, players have nothing.
      this.#deps.window.segments.length === 0 ||
      isLongEnough(segment.durationSeconds, this.#settings) ||
      endsWithShortPart(segment, this.#deps.window.partTargetSeconds) ||
      this.#deps.window.mustEnd
    );
  }

  #open(pipeline: Pipeline, capturedAtMs: number, discontinuity: boolean): void {
    const { media: sequence, discontinuity: discontinuitySequence } = this.#deps.mediaSequence.take({
      discontinuity,
    });
    if (discontinuity) {
      this.#deps.logger.info({ pipelineId: pipeline.id, sequence }, 'HLS goes on after a discontinuity');
    }
    // Begun from a number that never comes again, so that a restart gives no URI to other bytes.
    this.#partPrefix ??= `part-${sequence}-`;
    pipeline.section ??= {
      name: `init-${sequence}.mp4`,
      bytes: pipeline.bytes,
      format: pipeline.format,
    };
    this.#deps.window.open({
      sequence,
      name: `segment-${sequence}.m4s`,
      init: pipeline.section,
      discontinuity,
      discontinuitySequence,
      capturedAtMs,
      durationSeconds: 0,
      byteLength: 0,
      parts: [],
    });
  }
}

/** A view into a much larger message would keep all of it in memory. */
function ownBytes(bytes: Uint8Array): Uint8Array {
  return bytes.byteLength * 1.25 >= bytes.buffer.byteLength ? bytes : new Uint8Array(bytes);
}
