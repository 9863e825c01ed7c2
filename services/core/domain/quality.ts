import { z } from 'zod';
import type { Clock } from './clock.ts';
import { EventHub } from './event-hub.ts';
import type { DomainEvents } from './events.ts';

/** Why pictures became better or worse (nova.md, `quality_changed`). */
export const qualityReason = z.enum([
  'adaptive_bitrate',
  'broadcaster_changed',
  'network_congestion',
  'quality_degradation',
]);
export type QualityReason = z.infer<typeof qualityReason>;

/** How much of the set bitrate really flows (nova.md, `bitrate_update`). */
export const bitrateHealth = z.enum(['excellent', 'good', 'fair', 'poor']);
export type BitrateHealth = z.infer<typeof bitrateHealth>;

/** What is encoded, as far as viewers see it. */
export interface VideoQuality {
  width: number;
  height: number;
  framesPerSecond: number;
  bitrateKbps: number;
}

/** A new pipeline may need this long before a change that was asked for shows. */
const causeHoldsMs = 30_000;

/** "720p", "1080p", "4k": by the shorter side, so that a portrait picture is called as a landscape one. */
export function qualityLabel({ width, height }: Pick<VideoQuality, 'width' | 'height'>): string {
  const lines = Math.min(width, height);
  return lines >= 2160 ? '4k' : `${lines}p`;
}

/**
 * The bands of nova.md, `bitrate_update`: excellent above 90 % of the maximum, good from 70 %, fair from 50 %,
 * poor below. A value on an edge belongs to the band that names it first: 90 % is good, 70 % good, 50 % fair.
 */
export function bitrateHealthOf(currentKbps: number, maxKbps: number): BitrateHealth {
  // Compared as products of whole numbers: 0.7 × 3000 is not 2100 in floating point everywhere.
  const hundredfold = currentKbps * 100;
  if (hundredfold > maxKbps * 90) return 'excellent';
  if (hundredfold >= maxKbps * 70) return 'good';
  return hundredfold >= maxKbps * 50 ? 'fair' : 'poor';
}

/**
 * Follows what is encoded while a broadcast is on air, and says when and why it changed. Whoever is about to
 * change it declares so first; a change that nobody declared comes from what the broadcaster's camera delivers: for the worse
 * it is called degradation. `adaptive_bitrate` and `network_congestion` are for changes that the network causes, alone.
 */
export class StreamQuality {
  readonly events = new EventHub<Pick<DomainEvents, 'qualityChanged'>>();
  readonly #clock: Clock;
  #current: VideoQuality | null = null;
  #initial: VideoQuality | null = null;
  #onAir = false;
  #cause: { reason: QualityReason; atMs: number } | null = null;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  /** What is encoded; null before anything was. */
  get current(): VideoQuality | null {
    return this.#current;
  }

  /** What the broadcast that is on, or was last, began with. */
  get initial(): VideoQuality | null {
    return this.#initial;
  }

  /** The next change is due to this; it holds until it shows, at most 30 s. */
  declareCause(reason: QualityReason): void {
    this.#cause = { reason, atMs: this.#clock.monotonicMs() };
  }

  /** A broadcast begins with this: whatever was encoded before is not a change. */
  begin(quality: VideoQuality): void {
    this.#current = pick(quality);
    this.#initial = this.#current;
    this.#cause = null;
    this.#onAir = true;
  }

  /** The same broadcast goes on, perhaps in a box that was restarted meanwhile. */
  resume(quality: VideoQuality): void {
    if (this.#onAir) this.observe(quality);
    else this.begin(quality);
  }

  end(): void {
    this.#onAir = false;
  }

  /** What is encoded now; null while a pipeline starts, which says nothing. */
  observe(quality: VideoQuality | null): void {
    if (quality === null) return;
    const previous = this.#current;
    const current = pick(quality);
    if (previous !== null && isSame(previous, current)) return;
    this.#current = current;
    if (!this.#onAir || previous === null) return;
    this.events.emit('qualityChanged', { previous, current, reason: this.#takeCause(previous, current) });
  }

  #takeCause(previous: VideoQuality, current: VideoQuality): QualityReason {
    const cause = this.#cause;
    this.#cause = null;
    if (cause !== null && this.#clock.monotonicMs() - cause.atMs <= causeHoldsMs) return cause.reason;
    return pixelRate(current) < pixelRate(previous) || current.bitrateKbps < previous.bitrateKbps
      ? 'quality_degradation'
      : 'broadcaster_changed';
  }
}

function pixelRate({ width, height, framesPerSecond }: VideoQuality): number {
  return width * height * framesPerSecond;
}

function pick({ width, height, framesPerSecond, bitrateKbps }: VideoQuality): VideoQuality {
  return { width, height, framesPerSecond, bitrateKbps };
}

function isSame(one: VideoQuality, other: VideoQuality): boolean {
  return (
    one.width === other.width &&
    one.height === other.height &&
    one.framesPerSecond === other.framesPerSecond &&
    one.bitrateKbps === other.bitrateKbps
  );
}
