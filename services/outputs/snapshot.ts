import type { Clock } from '#core/domain/clock.ts';
import { busTimescale } from '#core/protocol/media-bus.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { type Picture, PictureProcess } from './picture-process.ts';

/** For so long a picture is the newest one for all who ask. */
const maxAgeTicks = busTimescale;

/** The newest picture as JPEG: decoded once for all who ask within a second. */
export class Snapshot {
  readonly #clock: Clock;
  readonly #process: PictureProcess;
  readonly #shots = new Map<number, Picture>();
  readonly #underWay = new Map<number, Promise<Picture | null>>();

  constructor(options: { mediaSocket: string; clock: Clock; logger: Logger }) {
    this.#clock = options.clock;
    this.#process = new PictureProcess(options);
  }

  /** @param width 0 is the picture's own. @returns null where there is none */
  async take(width: number): Promise<Picture | null> {
    const known = this.#shots.get(width);
    const nowTicks = (this.#clock.monotonicMs() * busTimescale) / 1_000;
    if (known && nowTicks - known.capturedTicks < maxAgeTicks) return known;
    const underWay = this.#underWay.get(width) ?? this.#process.ask(`shot ${width}`);
    this.#underWay.set(width, underWay);
    const shot = await underWay;
    this.#underWay.delete(width);
    if (shot) this.#shots.set(width, shot);
    else this.#shots.delete(width);
    return shot;
  }

  close(): void {
    this.#process.close();
    this.#shots.clear();
  }
}
