/** Payload-specific feedback, and of it picture loss and full intra request (RFC 4585, 6.3.1; RFC 5104, 4.3.1). */
const payloadSpecific = 206;
const pictureLoss = 1;
const fullIntra = 4;

/** Whether a compound RTCP packet asks for a key frame. */
export function asksForKeyFrame(packet: Buffer): boolean {
  let at = 0;
  while (at + 4 <= packet.length) {
    const format = (packet[at] ?? 0) & 0x1f;
    if (packet[at + 1] === payloadSpecific && (format === pictureLoss || format === fullIntra)) return true;
    at += 4 * (packet.readUInt16BE(at + 2) + 1);
  }
  return false;
}
