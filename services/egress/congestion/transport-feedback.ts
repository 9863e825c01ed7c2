const headerBytes = 20;
/** A receiver reports ten times a second; more packets than this between two reports are an attack. */
export const maxReported = 4_000;
/** The reference time counts 64 ms, the deltas 250 µs (draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1). */
const referenceUs = 64_000;
const deltaUs = 250;

const symbol = { notReceived: 0, smallDelta: 1, largeDelta: 2 } as const;

/**
 * Reads transport-wide feedback packets (RTPFB, format 15), one after the other into the same memory: some hundred come
 * each second. The bytes are the viewer's: what doesn't fit its own counts is left out.
 */
export class TransportFeedback {
  readonly #symbols = new Uint8Array(maxReported);
  /** On the receiver's clock; NaN: it has not arrived. */
  readonly receivedUs = new Float64Array(maxReported);
  /** Transport-wide number of the first packet, 0 to 65,535; the others follow. */
  first = 0;
  /** Of packets that the feedback tells about. */
  count = 0;

  /** @param bytes from the RTCP header to the end that it names */
  read(bytes: Buffer): void {
    this.count = 0;
    if (bytes.length < headerBytes) return;
    this.first = bytes.readUInt16BE(12);
    const told = bytes.readUInt16BE(14);
    if (told > maxReported) return;
    const symbols = this.#symbols;
    let known = 0;
    let offset = headerBytes;
    while (known < told && offset + 2 <= bytes.length) {
      const chunk = bytes.readUInt16BE(offset);
      offset += 2;
      if ((chunk & 0x8000) === 0) {
        const run = Math.min(chunk & 0x1fff, told - known);
        if (run === 0) break;
        symbols.fill((chunk >> 13) & 3, known, known + run);
        known += run;
      } else {
        const wide = (chunk & 0x4000) !== 0;
        for (let at = 0; at < (wide ? 7 : 14) && known < told; at += 1, known += 1)
          symbols[known] = wide ? (chunk >> (12 - 2 * at)) & 3 : (chunk >> (13 - at)) & 1;
      }
    }
    this.#readTimes(bytes, offset, known);
  }

  #readTimes(bytes: Buffer, start: number, known: number): void {
    let timeUs = bytes.readIntBE(16, 3) * referenceUs;
    let offset = start;
    for (let at = 0; at < known; at += 1) {
      const each = this.#symbols[at];
      if (each === symbol.notReceived) {
        this.receivedUs[at] = Number.NaN;
      } else if (each === symbol.smallDelta && offset + 1 <= bytes.length) {
        timeUs += bytes.readUInt8(offset) * deltaUs;
        offset += 1;
        this.receivedUs[at] = timeUs;
      } else if (each === symbol.largeDelta && offset + 2 <= bytes.length) {
        timeUs += bytes.readInt16BE(offset) * deltaUs;
        offset += 2;
        this.receivedUs[at] = timeUs;
      } else return;
      this.count = at + 1;
    }
  }
}
