import { type RtpStreams, rtpRunBits } from '#core/protocol/link/media.ts';
import { type MediaKind, readSsrc } from './packet.ts';

/** Tells media's packets from those that other programs on this machine send to the same ports, by the secret SSRCs. */
export class InputFilter {
  #streams: RtpStreams | null = null;
  #refused = 0;

  /** Packets that were not media's. */
  get refused(): number {
    return this.#refused;
  }

  /** From now on no others are taken; before the first call all are, so that no start waits for control. */
  expect(streams: RtpStreams): void {
    this.#streams = streams;
  }

  /** @param packet passed `isInputPacket` */
  accept(kind: MediaKind, packet: Buffer): boolean {
    if (this.#streams === null) return true;
    const ssrc = kind === 'video' ? this.#streams.videoSsrc : this.#streams.audioSsrc;
    if (ssrc >>> rtpRunBits === readSsrc(packet) >>> rtpRunBits) return true;
    this.#refused += 1;
    return false;
  }
}
