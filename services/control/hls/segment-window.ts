import { type HlsSettings, partTargetSeconds, targetDurationSeconds } from './hls-settings.ts';
import type { MediaStore } from './media-store.ts';
import { type InitSection, type Part, roundSeconds, type Segment } from './segment.ts';

/** All media in memory; where that is reached the window slides early. */
const maxRetainedBytes = 64 * 1024 * 1024;
/** A segment that sees no key frame is ended all the same. */
const maxSegmentBytes = maxRetainedBytes / 4;
const maxSegmentSeconds = 20;

/**
 * The live window: complete segments, the one that grows, and those that have left the playlist but must stay
 * to be had for a while (rfc8216bis 6.2.2). Bounded in time and in bytes.
 */
export class SegmentWindow {
  readonly #store: MediaStore;
  #settings: HlsSettings;
  #targetDuration: number;
  #partTarget = 0;
  #learntPartMs = 0;
  #segments: Segment[] = [];
  #growing: Segment | null = null;
  #removed: Segment[] = [];
  /** The newest one in the store. */
  #init: InitSection | null = null;

  constructor(options: { store: MediaStore; settings: HlsSettings }) {
    this.#store = options.store;
    this.#settings = options.settings;
    this.#targetDuration = targetDurationSeconds(options.settings);
  }

  /** Complete segments of the playlist, oldest first. */
  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** The segment whose parts are listed while it grows. */
  get growing(): Segment | null {
    return this.#growing;
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0 && this.#growing === null;
  }

  /** EXT-X-TARGETDURATION: constant, unless a source without key frames makes a segment too long for it. */
  get targetDurationSeconds(): number {
    return this.#segments.reduce(
      (longest, segment) => Math.max(longest, Math.round(segment.durationSeconds)),
      this.#targetDuration,
    );
  }

  /** PART-TARGET: constant, unless a stalled source makes a part too long for it, while that part is listed. */
  get partTargetSeconds(): number {
    let longest = this.#partTarget;
    for (const segment of [...this.segmentsWithParts(), this.#growing]) {
      for (const part of segment?.parts ?? []) longest = Math.max(longest, part.durationSeconds);
    }
    return Math.ceil(longest * 1000 - 1e-6) / 1000;
  }

  /** Length of the playlist, the growing segment included. */
  get durationSeconds(): number {
    return roundSeconds(sumSeconds(this.#segments) + (this.#growing?.durationSeconds ?? 0));
  }

  /** How far from its end a playlist may leave segments out that the client has already (CAN-SKIP-UNTIL, rfc8216bis 4.4.3.8). */
  get skipBoundarySeconds(): number {
    return 6 * this.targetDurationSeconds;
  }

  /** How many of the oldest segments a delta update leaves out (6.2.5.1). */
  get skippableSegments(): number {
    let fromEnd = this.durationSeconds;
    let count = 0;
    for (const { durationSeconds } of this.#segments) {
      fromEnd -= durationSeconds;
      if (fromEnd < this.skipBoundarySeconds) break;
      count += 1;
    }
    return count;
  }

  /** Complete segments whose parts are still listed: those within three target durations of the end (6.2.2). */
  segmentsWithParts(): readonly Segment[] {
    const reach = 3 * this.targetDurationSeconds;
    let fromEnd = this.#growing?.durationSeconds ?? 0;
    let first = this.#segments.length;
    while (first > 0 && fromEnd <= reach) {
      first -= 1;
      fromEnd = roundSeconds(fromEnd + (this.#segments[first]?.durationSeconds ?? 0));
    }
    return this.#segments.slice(first);
  }

  /** The playlist's length and its target duration change at once. */
  reconfigure(settings: HlsSettings): void {
    this.#settings = settings;
    this.#targetDuration = targetDurationSeconds(settings);
  }

  /** Called where the stream is interrupted anyway: PART-TARGET must not change while it goes on. */
  learnPartTarget(firstPartSeconds: number): void {
    if (this.#learntPartMs === this.#settings.partMs) return;
    this.#learntPartMs = this.#settings.partMs;
    this.#partTarget = partTargetSeconds(this.#settings, firstPartSeconds);
  }

  /** Ends the growing segment and begins this one. */
  open(segment: Segment): void {
    this.complete();
    this.#growing = segment;
    if (this.#init === segment.init) return;
    this.#init = segment.init;
    this.#store.put(segment.init.name, [segment.init.bytes]);
  }

  /** Adds a part to the growing segment. */
  append(part: Part): void {
    const segment = this.#growing;
    if (!segment) return;
    segment.parts.push(part);
    segment.durationSeconds = roundSeconds(segment.durationSeconds + part.durationSeconds);
    segment.byteLength += part.bytes.length;
    this.#store.put(part.name, [part.bytes]);
    this.#slide();
  }

  /** Whether the growing segment must end even without a key frame. */
  get mustEnd(): boolean {
    const segment = this.#growing;
    if (!segment) return false;
    return segment.durationSeconds >= maxSegmentSeconds || segment.byteLength >= maxSegmentBytes;
  }

  /** The growing segment gets no more parts. */
  complete(): void {
    const segment = this.#growing;
    this.#growing = null;
    if (!segment) return;
    this.#segments.push(segment);
    this.#store.put(
      segment.name,
      segment.parts.map((part) => part.bytes),
    );
  }

  /** Empties the playlist; what was in it can still be fetched until new media pushes it out. */
  retire(): void {
    this.complete();
    this.#removed.push(...this.#segments);
    this.#segments = [];
    this.#learntPartMs = 0;
  }

  /** Forgets all media. */
  clear(): void {
    this.retire();
    while (this.#removed.length > 0) this.#forgetOldest();
    this.#init = null;
  }

  #slide(): void {
    const target = this.targetDurationSeconds;
    const listed = Math.max(this.#settings.windowSeconds, 3 * target);
    let oldest = this.#segments[0];
    while (oldest && sumSeconds(this.#segments.slice(1)) >= listed) {
      this.#segments.shift();
      this.#removed.push(oldest);
      oldest = this.#segments[0];
    }
    // A segment stays for its own length after its removal, a part for three target durations (6.2.2).
    const retained = Math.max(listed + 2 * target, 7 * target);
    while (
      this.#removed.length > 0 &&
      sumSeconds(this.#removed.slice(1)) + this.durationSeconds >= retained
    ) {
      this.#forgetOldest();
    }
    this.#boundBytes();
  }

  #boundBytes(): void {
    let bytes = this.#growing?.byteLength ?? 0;
    for (const segment of [...this.#segments, ...this.#removed]) bytes += segment.byteLength;
    while (bytes > maxRetainedBytes) {
      const oldest = this.#removed[0] ?? this.#segments.shift();
      if (!oldest) return;
      if (this.#removed.length === 0) this.#removed.push(oldest);
      bytes -= oldest.byteLength;
      this.#forgetOldest();
    }
  }

  #forgetOldest(): void {
    const segment = this.#removed.shift();
    if (!segment) return;
    for (const part of segment.parts) this.#store.delete(part.name);
    this.#store.delete(segment.name);
    const next = this.#removed[0] ?? this.#segments[0] ?? this.#growing;
    if (next?.init !== segment.init) this.#store.delete(segment.init.name);
  }
}

function sumSeconds(segments: readonly Segment[]): number {
  return roundSeconds(segments.reduce((sum, segment) => sum + segment.durationSeconds, 0));
}
