export const isRtcp = (packet: Buffer): boolean => {
  const type = (packet[1] ?? 0) & 0x7f;
  return type >= 64 && type <= 95;
};

export interface RtpHeader {
  payloadType: number;
  sequence: number;
  timestamp: number;
  ssrc: number;
  payload: Buffer;
}

/** RFC 3550, 5.1. */
export function readRtp(packet: Buffer): RtpHeader {
  const contributors = (packet[0] ?? 0) & 0x0f;
  let at = 12 + 4 * contributors;
  if ((packet[0] ?? 0) & 0x10 && packet.length >= at + 4) at += 4 + 4 * packet.readUInt16BE(at + 2);
  return {
    payloadType: (packet[1] ?? 0) & 0x7f,
    sequence: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payload: packet.subarray(at),
  };
}

/** The packets of a compound (RFC 3550, 6.1), by type and body. */
export function* rtcpPackets(compound: Buffer): Generator<{ type: number; count: number; bytes: Buffer }> {
  for (let at = 0; at + 4 <= compound.length; ) {
    const length = 4 * (compound.readUInt16BE(at + 2) + 1);
    yield {
      type: compound[at + 1] ?? 0,
      count: (compound[at] ?? 0) & 0x1f,
      bytes: compound.subarray(at, at + length),
    };
    at += length;
  }
}

export function senderReportsOf(compound: Buffer): { ssrc: number; timestamp: number }[] {
  return [...rtcpPackets(compound)].flatMap(({ type, bytes }) =>
    type === 200 && bytes.length >= 28
      ? [{ ssrc: bytes.readUInt32BE(4), timestamp: bytes.readUInt32BE(16) }]
      : [],
  );
}

/** The CNAME of each source that a compound describes (RFC 3550, 6.5). */
export function canonicalNamesOf(compound: Buffer): [ssrc: number, name: string][] {
  return [...rtcpPackets(compound)].flatMap(({ type, count, bytes }) => {
    const names: [number, string][] = [];
    for (let chunk = 0, at = 4; type === 202 && chunk < count && at + 4 < bytes.length; chunk += 1) {
      const ssrc = bytes.readUInt32BE(at);
      at += 4;
      for (; (bytes[at] ?? 0) !== 0; at += 2 + (bytes[at + 1] ?? 0)) {
        const end = at + 2 + (bytes[at + 1] ?? 0);
        if (bytes[at] === 1 && end <= bytes.length) names.push([ssrc, bytes.toString('utf8', at + 2, end)]);
      }
      at = 4 * Math.ceil((at + 1) / 4);
    }
    return names;
  });
}

/** Whether an H.264 payload begins a picture that needs no other (RFC 6184): SPS or IDR, alone, aggregated or in parts. */
export function beginsKeyFrame(payload: Buffer): boolean {
  const type = (payload[0] ?? 0) & 0x1f;
  if (type === 24) return [5, 7].includes((payload[3] ?? 0) & 0x1f);
  if (type === 28) return ((payload[1] ?? 0) & 0x80) !== 0 && ((payload[1] ?? 0) & 0x1f) === 5;
  return type === 5 || type === 7;
}

export function pictureLossIndication(ssrc: number): Buffer {
  const packet = Buffer.from('81ce00020000000100000000', 'hex');
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

export function genericNack(ssrc: number, sequence: number): Buffer {
  const packet = Buffer.from('81cd0003000000010000000000000000', 'hex');
  packet.writeUInt32BE(ssrc, 8);
  packet.writeUInt16BE(sequence, 12);
  return packet;
}

export function rtpPacket(header: Omit<RtpHeader, 'payload'> & { marker: boolean }, payload: Buffer): Buffer {
  const bytes = Buffer.alloc(12 + payload.length);
  bytes[0] = 0x80;
  bytes[1] = header.payloadType | (header.marker ? 0x80 : 0);
  bytes.writeUInt16BE(header.sequence & 0xffff, 2);
  bytes.writeUInt32BE(header.timestamp >>> 0, 4);
  bytes.writeUInt32BE(header.ssrc, 8);
  payload.copy(bytes, 12);
  return bytes;
}

/** RFC 3550, 6.4.1: what receivers reckon their reports from. */
export function senderReport(ssrc: number, timestamp: number, packets: number): Buffer {
  const bytes = Buffer.alloc(28);
  bytes.writeUInt32BE(0x80c80006, 0);
  bytes.writeUInt32BE(ssrc, 4);
  const seconds = Date.now() / 1_000 + 2_208_988_800; // NTP counts from 1900
  bytes.writeUInt32BE(Math.floor(seconds), 8);
  bytes.writeUInt32BE(Math.floor((seconds % 1) * 2 ** 32), 12);
  bytes.writeUInt32BE(timestamp >>> 0, 16);
  bytes.writeUInt32BE(packets, 20);
  bytes.writeUInt32BE(packets * 100, 24);
  return bytes;
}
