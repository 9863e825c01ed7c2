/**
 * One compound packet that says that these streams end (RFC 3550, 6.6), behind the empty report that every compound
 * begins with.
 * @param ssrcs one to 31
 */
export function encodeGoodbye(ssrcs: number[]): Buffer {
  const packet = Buffer.alloc(8 + 4 + 4 * ssrcs.length);
  packet[0] = 0x80;
  packet[1] = 201;
  packet.writeUInt16BE(1, 2);
  packet.writeUInt32BE(ssrcs[0] ?? 0, 4);
  packet[8] = 0x80 | ssrcs.length;
  packet[9] = 203;
  packet.writeUInt16BE(ssrcs.length, 10);
  for (const [at, ssrc] of ssrcs.entries()) packet.writeUInt32BE(ssrc, 12 + 4 * at);
  return packet;
}
