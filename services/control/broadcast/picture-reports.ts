import type { Clock } from '#core/domain/clock.ts';
import { type FlowReports, type PictureFlow, pictureFlow } from '../domain/picture-flow.ts';

interface Deps {
  clock: Clock;
  /** Of the source; 0 where it is not known. */
  framesPerSecond: () => number;
  /** Media shows the slate for the source, or nothing. */
  substituted: () => boolean;
}

/** Keeps when media and egress reported what, for `pictureFlow` to judge. */
export class PictureReports {
  readonly #deps: Deps;
  #seen: Pick<FlowReports, 'partAtMs' | 'firstPartAtMs' | 'packets' | 'packetsLostAtMs'> = {
    partAtMs: null,
    firstPartAtMs: null,
    packets: false,
    packetsLostAtMs: null,
  };

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  get flow(): PictureFlow {
    const { clock, framesPerSecond, substituted } = this.#deps;
    const reports = { ...this.#seen, framesPerSecond: framesPerSecond(), substituted: substituted() };
    return pictureFlow(reports, clock.monotonicMs());
  }

  /** A broadcast is to begin: the parts of the one before are none of its. */
  begin(): void {
    this.#seen.firstPartAtMs = null;
  }

  part(): void {
    this.#seen.partAtMs = this.#deps.clock.monotonicMs();
    this.#seen.firstPartAtMs ??= this.#seen.partAtMs;
  }

  /** Egress says whether packets come. */
  packets(flowing: boolean): void {
    if (this.#seen.packets && !flowing) this.#seen.packetsLostAtMs = this.#deps.clock.monotonicMs();
    this.#seen.packets = flowing;
  }

  /** Egress left: nobody sends packets from this moment on. */
  egressLost(): void {
    this.#seen.packets = false;
    this.#seen.packetsLostAtMs = null;
  }
}
