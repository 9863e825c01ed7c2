/** A step of more, either way, is a sender that numbers from another place (RFC 3550, A.1). */
const maxStep = 3_000;
/** More that wait for one that is missing is a network that was away. */
const maxWaiting = 512;

/** Puts the packets of one stream in order, and waits for one that is missing, since it may be sent again. */
export class PacketOrder<Packet> {
  readonly #patienceMs: number;
  readonly #waiting = new Map<number, { packet: Packet; sinceMs: number }>();
  #next: number | null = null;

  /** @param options.patienceMs a packet that has not come within this time of one after it is lost */
  constructor({ patienceMs }: { patienceMs: number }) {
    this.#patienceMs = patienceMs;
  }

  /** @returns the packets that are next, and whether some before them are lost */
  take(sequence: number, packet: Packet, nowMs: number): { ready: Packet[]; lost: boolean } {
    const step = ((sequence - (this.#next ?? sequence)) << 16) >> 16;
    if (Math.abs(step) > maxStep) {
      this.#waiting.clear();
      this.#next = sequence;
    } else if (step < 0) return { ready: [], lost: false };
    this.#next ??= sequence;
    this.#waiting.set(sequence, { packet, sinceMs: nowMs });
    const ready = this.#follow();
    let lost = Math.abs(step) > maxStep;
    while (this.#isOverdue(nowMs)) {
      lost = true;
      this.#next = this.#nearest();
      ready.push(...this.#follow());
    }
    return { ready, lost };
  }

  #follow(): Packet[] {
    const ready: Packet[] = [];
    for (;;) {
      const at = this.#next ?? 0;
      const waiting = this.#waiting.get(at);
      if (!waiting) return ready;
      this.#waiting.delete(at);
      this.#next = (at + 1) & 0xffff;
      ready.push(waiting.packet);
    }
  }

  #isOverdue(nowMs: number): boolean {
    // In the order they came.
    const [oldest] = this.#waiting.values();
    if (!oldest) return false;
    return this.#waiting.size > maxWaiting || nowMs - oldest.sinceMs > this.#patienceMs;
  }

  #nearest(): number {
    const from = this.#next ?? 0;
    const distance = (sequence: number) => (sequence - from) & 0xffff;
    return [...this.#waiting.keys()].reduce((best, each) => (distance(each) < distance(best) ? each : best));
  }
}
