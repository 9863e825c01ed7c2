import type { Frame } from '../engine.ts';

/** Of a picture's time, the part in which its packets leave. */
const spreadShare = 0.5;
/** A first guess, and the bounds of what is believed of a frame's length. */
const usualIntervalMs = 33;
const maxIntervalMs = 100;
/** More packets than this in one picture: it goes in parts, so that nothing is held for long. */
const maxPackets = 1_000;

/** Puts the packets of one picture together: all that share a time stamp, up to the one with the marker. */
export class FrameAssembler {
  readonly #send: (frame: Frame, mediaMs: number) => void;
  #packets: Buffer[] = [];
  #places: number[] = [];
  #index = 0;
  #timestamp = -1;
  #isKey = false;
  #previousTimestamp = -1;
  #intervalMs = usualIntervalMs;
  #mediaMs = 0;

  /** @param send is given each picture and its time stamp, which does not wrap */
  constructor(send: (frame: Frame, mediaMs: number) => void) {
    this.#send = send;
  }

  /**
   * @param packet stays as it is until the frame is sent
   * @param timestamp at 90 kHz
   * @param isKey with this packet the picture turns out to be one to begin on
   */
  push(packet: Buffer, index: number, timestamp: number, isKey: boolean): void {
    if (timestamp !== this.#timestamp || this.#packets.length >= maxPackets) this.flush();
    this.#isKey ||= isKey;
    if (this.#packets.length === 0) {
      this.#index = index;
      this.#timestamp = timestamp;
    }
    this.#packets.push(packet);
    this.#places.push(index - this.#index);
    if ((packet[1] ?? 0) & 0x80) this.flush();
  }

  flush(): void {
    if (this.#packets.length === 0) return;
    this.#learnInterval();
    const frame: Frame = {
      kind: 'video',
      isKey: this.#isKey,
      index: this.#index,
      spreadMs: this.#intervalMs * spreadShare,
      packets: this.#packets,
      places: this.#places,
    };
    this.#packets = [];
    this.#places = [];
    this.#isKey = false;
    this.#send(frame, this.#mediaMs);
  }

  #learnInterval(): void {
    const passedMs = ((this.#timestamp - this.#previousTimestamp) >>> 0) / 90;
    if (this.#previousTimestamp >= 0) this.#mediaMs += passedMs;
    if (this.#previousTimestamp >= 0 && passedMs > 0 && passedMs < maxIntervalMs)
      this.#intervalMs += (passedMs - this.#intervalMs) / 8;
    this.#previousTimestamp = this.#timestamp;
  }
}
