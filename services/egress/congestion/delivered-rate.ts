const windowUs = 500_000;
/** More packets than this in half a second are not delivered but claimed. */
const maxKept = 4_000;

/** What has arrived in the last half second, on the receiver's clock. */
export class DeliveredRate {
  readonly #atUs: number[] = [];
  readonly #bytes: number[] = [];
  /** The first in the window. */
  #head = 0;
  #sum = 0;

  push(atUs: number, bytes: number): void {
    this.#atUs.push(atUs);
    this.#bytes.push(bytes);
    this.#sum += bytes;
  }

  /** Null where too little is known. */
  kbps(): number | null {
    const atUs = this.#atUs;
    const lastUs = atUs.at(-1);
    if (lastUs === undefined) return null;
    while ((atUs[this.#head] ?? lastUs) < lastUs - windowUs || atUs.length - this.#head > maxKept) {
      this.#sum -= this.#bytes[this.#head] ?? 0;
      this.#head += 1;
    }
    if (this.#head > 512) {
      atUs.splice(0, this.#head);
      this.#bytes.splice(0, this.#head);
      this.#head = 0;
    }
    const passedUs = lastUs - (atUs[this.#head] ?? lastUs);
    return passedUs < windowUs / 2 ? null : (this.#sum * 8 * 1000) / passedUs;
  }
}
