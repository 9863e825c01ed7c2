import type { Clock } from '#core/domain/clock.ts';
import type { RtpStreams } from '#core/protocol/link/media.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { WebRtcAddon } from '../native-addon.ts';
import { FlowMonitor } from './flow-monitor.ts';
import { openRtpInput, type RtpInput } from './input.ts';
import { InputFilter } from './input-filter.ts';
import type { MediaKind } from './packet.ts';

const refusedWarningMs = 60_000;

interface Deps {
  /** Reads media's packets; null where it was not compiled, or its libraries are missing. */
  addon: WebRtcAddon | null;
  clock: Clock;
  logger: Logger;
  /** Is given each packet of media's, and may write to it. */
  take: (kind: MediaKind, packet: Buffer) => void;
  /** Pictures begin, or cease. */
  flowChanged: (flowing: boolean) => void;
}

/** Media's packets, and no others that reach the ports, and whether pictures are among them. */
export class StreamInput {
  readonly #deps: Deps;
  readonly #filter = new InputFilter();
  readonly #flow: FlowMonitor;
  #input: RtpInput | null = null;
  /** Refused packets up to the last warning. */
  #refusedBefore = 0;
  #warnAgainAtMs = Number.NEGATIVE_INFINITY;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#flow = new FlowMonitor({ clock: deps.clock, changed: deps.flowChanged });
  }

  /** Where it takes RTP (loopback UDP); 0 before it is open. */
  get ports(): { videoPort: number; audioPort: number } {
    const { videoPort = 0, audioPort = 0 } = this.#input ?? {};
    return { videoPort, audioPort };
  }

  get flowing(): boolean {
    return this.#flow.flowing;
  }

  /** Packets that were not media's, or for which there was no room. */
  get refused(): number {
    return this.#filter.refused + (this.#input?.dropped ?? 0);
  }

  async start(): Promise<void> {
    this.#input = await openRtpInput((kind, packet) => this.#take(kind, packet), this.#deps.addon);
  }

  /** From now on no others are taken. */
  expect(streams: RtpStreams): void {
    this.#filter.expect(streams);
    this.#input?.expect(streams);
  }

  /** Once a minute at most: who floods the ports must not flood the log as well. */
  warnOfRefused(): void {
    const { clock, logger } = this.#deps;
    const nowMs = clock.monotonicMs();
    if (this.refused === this.#refusedBefore || nowMs < this.#warnAgainAtMs) return;
    this.#warnAgainAtMs = nowMs + refusedWarningMs;
    const { refused } = this;
    logger.warn(
      { packets: refused - this.#refusedBefore },
      'another program on this machine sends RTP to the input ports: refused',
    );
    this.#refusedBefore = refused;
  }

  close(): void {
    this.#input?.close();
    this.#flow.close();
  }

  #take(kind: MediaKind, packet: Buffer): void {
    if (!this.#filter.accept(kind, packet)) return;
    this.#deps.take(kind, packet);
    if (kind === 'video') this.#flow.arrived();
  }
}
