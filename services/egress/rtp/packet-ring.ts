import { maxPacketBytes } from './packet.ts';

/** About 2.7 s of 3 Mbit/s; SRTP refuses to send again what lies further back than 1,024 packets. */
const defaultSlots = 1_000;

/**
 * The latest packets of the one stream, kept once for everybody: what a new viewer starts on and what a viewer that
 * lost a packet is sent again. Memory is taken once, at the first packet.
 */
export class PacketRing {
  readonly #slots: number;
  #memory: Buffer | null = null;
  readonly #lengths: Uint16Array;
  readonly #indexes: Float64Array;
  #head = -1;

  constructor(slots = defaultSlots) {
    this.#slots = slots;
    this.#lengths = new Uint16Array(slots);
    this.#indexes = new Float64Array(slots).fill(-1);
  }

  /** Index of the newest packet; −1 while empty. */
  get head(): number {
    return this.#head;
  }

  /** Keeps a copy of the packet under its index; the copy may be written to until the ring comes round. */
  store(index: number, packet: Buffer): Buffer {
    this.#memory ??= Buffer.allocUnsafeSlow(this.#slots * maxPacketBytes);
    const slot = index % this.#slots;
    const start = slot * maxPacketBytes;
    packet.copy(this.#memory, start);
    this.#lengths[slot] = packet.length;
    this.#indexes[slot] = index;
    this.#head = index;
    return this.#memory.subarray(start, start + packet.length);
  }

  /** The packet of this index, or null if it never came or is too old. */
  get(index: number): Buffer | null {
    if (!this.#memory || index < 0 || index <= this.#head - this.#slots) return null;
    const slot = index % this.#slots;
    if (this.#indexes[slot] !== index) return null;
    const start = slot * maxPacketBytes;
    return this.#memory.subarray(start, start + (this.#lengths[slot] ?? 0));
  }
}
