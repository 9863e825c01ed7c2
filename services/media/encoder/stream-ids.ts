import { randomInt } from 'node:crypto';
import { type RtpStreams, rtpRunBits } from '#core/protocol/link/media.ts';

/**
 * The SSRCs of media's RTP. Egress takes no others, so that no other program on this machine can mix its packets in:
 * 28 bits are drawn once per process and never leave media, control and egress.
 */
export class StreamIds {
  /** As control and egress know them. */
  readonly streams: RtpStreams = { videoSsrc: draw(), audioSsrc: draw() };
  #run = 0;

  /** For the next encoder. */
  next(): RtpStreams {
    this.#run = (this.#run + 1) % 2 ** rtpRunBits;
    return {
      videoSsrc: this.streams.videoSsrc + this.#run,
      audioSsrc: this.streams.audioSsrc + this.#run,
    };
  }
}

// The highest is left out: to a payloader, 0xffffffff means any SSRC.
const draw = (): number => randomInt(2 ** (32 - rtpRunBits) - 1) * 2 ** rtpRunBits;
