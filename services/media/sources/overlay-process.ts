import type { Overlay } from '#core/domain/overlay.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { SourceAddress, SourcePlan } from './contract.ts';
import type { SourceDesk } from './source-desk.ts';
import type { SourceWish } from './source-process.ts';

const processId = ':overlay';

/** The process that draws clock, text and logo over the pictures, where something is to be drawn. */
export class OverlayProcess {
  readonly #desk: SourceDesk;
  #overlay: Overlay | null = null;
  #socketPath: string | null = null;

  constructor(desk: SourceDesk) {
    this.#desk = desk;
  }

  /** Where it last drew: one that is started again leaves that over the pictures meanwhile. Null where nothing is drawn. */
  get socketPath(): string | null {
    return this.#socketPath;
  }

  /** Why clock, text or logo are not drawn as they should be; null where they are. */
  get trouble(): Problem | null {
    return this.#desk.get(processId)?.reason ?? null;
  }

  isOne(id: string): boolean {
    return id === processId;
  }

  /** What is to be drawn from now on, and the process that it takes. */
  wish(overlay: Overlay | null, { width, height, framesPerSecond }: SourcePlan['video']): SourceWish[] {
    this.#overlay = overlay;
    if (overlay === null) return [];
    const resolve = async (): Promise<SourceAddress> => ({
      kind: 'overlay',
      overlay: this.#overlay ?? overlay,
    });
    // Colours above, their opacity below.
    const video = { width, height: 2 * height, framesPerSecond, rotate: 0 } as const;
    return [{ id: processId, resolve, video, sound: false }];
  }

  /** The desk has what it was asked for, or a process of it changed. */
  follow(): void {
    const process = this.#desk.get(processId);
    this.#socketPath = process ? (process.socketPath ?? this.#socketPath) : null;
  }

  /** The process that runs draws what is wanted now. */
  update(): void {
    if (this.#overlay !== null) this.#desk.get(processId)?.setOverlay(this.#overlay);
  }
}
