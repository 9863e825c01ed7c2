import type { Clock } from '#core/domain/clock.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { DomainEvents } from '#core/domain/events.ts';

/** Below this share of the set rate, frames are being dropped ahead of the encoder; */
const behindBelow = 0.8;
/** from this share on, it keeps up again. */
const keepsUpFrom = 0.95;
/** One slow moment, such as another program's start, is not worth a word. */
const toleratedMs = 3_000;

/**
 * Notices an encoder that can't keep up: its queue runs over, and frames are lost for good. Rates are those that
 * media measures over 2 s; whatever delivers the pictures fills its own gaps, so that what is missing was dropped.
 */
export class EncoderLoad {
  readonly events = new EventHub<Pick<DomainEvents, 'encoderOverrun'>>();
  readonly #clock: Clock;
  #behindSinceMs: number | null = null;
  #told = false;

  constructor({ clock }: { clock: Clock }) {
    this.#clock = clock;
  }

  /** @param rates frames per second; `measured` is null while it isn't known */
  observe({ measured, wanted }: { measured: number | null; wanted: number }): void {
    if (measured === null) {
      this.reset();
      return;
    }
    if (measured >= wanted * behindBelow) this.#behindSinceMs = null;
    if (measured >= wanted * keepsUpFrom) this.#told = false;
    if (measured >= wanted * behindBelow || this.#told) return;
    const nowMs = this.#clock.monotonicMs();
    this.#behindSinceMs ??= nowMs;
    if (nowMs - this.#behindSinceMs < toleratedMs) return;
    this.#told = true;
    this.events.emit('encoderOverrun', { framesPerSecond: measured, wantedFramesPerSecond: wanted });
  }

  /** Nothing is encoded any more, or all is well again. */
  reset(): void {
    this.#behindSinceMs = null;
    this.#told = false;
  }
}
