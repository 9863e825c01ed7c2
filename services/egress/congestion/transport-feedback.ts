/** One packet's fate, as the receiver reports it. */
export interface PacketStatus {
  /** Transport-wide, 0 to 65,535. */
  sequence: number;
  /** On the receiver's clock; null: it has not arrived. */
  receivedUs: number | null;
}

const headerBytes = 20;
/** A receiver reports ten times a second; more packets than this between two reports are an attack. */
const maxPackets = 4_000;
/** The reference time counts 64 ms, the deltas 250 µs (draft-holmer-rmcat-transport-wide-cc-extensions-01, 3.1). */
const referenceUs = 64_000;
const deltaUs = 250;

const symbol = { notReceived: 0, smallDelta: 1, largeDelta: 2 } as const;

/**
 * Reads one transport-wide feedback packet (RTPFB, format 15). The bytes are the viewer's: what doesn't fit its own
 * counts is left out.
 * @param bytes from the RTCP header to the end that it names
 */
export function parseTransportFeedback(bytes: Buffer): PacketStatus[] {
  if (bytes.length < headerBytes) return [];
  const base = bytes.readUInt16BE(12);
  const count = bytes.readUInt16BE(14);
  if (count > maxPackets) return [];
  const { symbols, end } = readChunks(bytes, count);
  let timeUs = bytes.readIntBE(16, 3) * referenceUs;
  let offset = end;
  const packets: PacketStatus[] = [];
  for (const [at, each] of symbols.entries()) {
    const sequence = (base + at) & 0xffff;
    if (each === symbol.smallDelta && offset + 1 <= bytes.length) {
      timeUs += bytes.readUInt8(offset) * deltaUs;
      offset += 1;
      packets.push({ sequence, receivedUs: timeUs });
    } else if (each === symbol.largeDelta && offset + 2 <= bytes.length) {
      timeUs += bytes.readInt16BE(offset) * deltaUs;
      offset += 2;
      packets.push({ sequence, receivedUs: timeUs });
    } else if (each === symbol.notReceived) packets.push({ sequence, receivedUs: null });
    else break;
  }
  return packets;
}

function readChunks(bytes: Buffer, count: number): { symbols: number[]; end: number } {
  const symbols: number[] = [];
  let offset = headerBytes;
  while (symbols.length < count && offset + 2 <= bytes.length) {
    const chunk = bytes.readUInt16BE(offset);
    offset += 2;
    if ((chunk & 0x8000) === 0) {
      const run = Math.min(chunk & 0x1fff, count - symbols.length);
      for (let at = 0; at < run; at += 1) symbols.push((chunk >> 13) & 3);
      if (run === 0) break;
    } else {
      const wide = (chunk & 0x4000) !== 0;
      for (let at = 0; at < (wide ? 7 : 14) && symbols.length < count; at += 1)
        symbols.push(wide ? (chunk >> (12 - 2 * at)) & 3 : (chunk >> (13 - at)) & 1);
    }
  }
  return { symbols, end: offset };
}
