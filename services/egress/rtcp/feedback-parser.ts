/** What viewers tell us, as far as a sender acts on it. Each call names the stream (our SSRC) that it is about. */
export interface FeedbackSink {
  /** PLI (RFC 4585, 6.3.1) or FIR (RFC 5104, 4.3.1): the viewer needs a key frame. */
  pictureLost(ssrc: number): void;
  /** Generic NACK (RFC 4585, 6.2.1): this sequence number did not arrive. */
  packetMissing(ssrc: number, sequence: number): void;
  /**
   * One report block (RFC 3550, 6.4.1): the part lost since the last report, 0 to 1, and of the sender report it answers
   * the middle of the NTP time and how long ago that came, in 1/65,536 s; 0 is none.
   */
  lossReported(ssrc: number, fraction: number, lastReport: number, delay: number): void;
  /** Transport-wide feedback, one whole RTCP packet. */
  transportFeedback(packet: Buffer): void;
  /** REMB (draft-alvestrand-rmcat-remb-03): what the viewer believes its link takes. */
  receiverEstimate(kbps: number): void;
}

const packetType = { senderReport: 200, receiverReport: 201, rtpFeedback: 205, payloadFeedback: 206 };
const format = { nack: 1, pli: 1, fir: 4, transport: 15, application: 15 };
const reportBlockBytes = 24;

/**
 * Reads one compound RTCP packet (RFC 3550, 6.1). The bytes come from the viewer: whatever does not fit its own
 * length fields ends the reading; nothing throws.
 */
export function parseFeedback(bytes: Buffer, sink: FeedbackSink): void {
  let offset = 0;
  while (offset + 4 <= bytes.length) {
    const first = bytes.readUInt8(offset);
    if (first >> 6 !== 2) return;
    const end = offset + 4 * (bytes.readUInt16BE(offset + 2) + 1);
    if (end > bytes.length) return;
    const count = first & 0x1f;
    switch (bytes.readUInt8(offset + 1)) {
      case packetType.senderReport:
        readReportBlocks(bytes, offset + 28, end, count, sink);
        break;
      case packetType.receiverReport:
        readReportBlocks(bytes, offset + 8, end, count, sink);
        break;
      case packetType.rtpFeedback:
        if (count === format.nack) readNacks(bytes, offset, end, sink);
        if (count === format.transport) sink.transportFeedback(bytes.subarray(offset, end));
        break;
      case packetType.payloadFeedback:
        if (count === format.pli && end >= offset + 12) sink.pictureLost(bytes.readUInt32BE(offset + 8));
        if (count === format.fir) readFullIntraRequests(bytes, offset, end, sink);
        if (count === format.application) readReceiverEstimate(bytes, offset, end, sink);
        break;
    }
    offset = end;
  }
}

function readReportBlocks(
  bytes: Buffer,
  start: number,
  end: number,
  count: number,
  sink: FeedbackSink,
): void {
  for (let i = 0, block = start; i < count && block + reportBlockBytes <= end; i += 1) {
    const lastReport = bytes.readUInt32BE(block + 16);
    const delay = bytes.readUInt32BE(block + 20);
    sink.lossReported(bytes.readUInt32BE(block), bytes.readUInt8(block + 4) / 256, lastReport, delay);
    block += reportBlockBytes;
  }
}

function readNacks(bytes: Buffer, offset: number, end: number, sink: FeedbackSink): void {
  if (end < offset + 12) return;
  const ssrc = bytes.readUInt32BE(offset + 8);
  for (let item = offset + 12; item + 4 <= end; item += 4) {
    const sequence = bytes.readUInt16BE(item);
    const following = bytes.readUInt16BE(item + 2);
    sink.packetMissing(ssrc, sequence);
    for (let bit = 0; bit < 16; bit += 1) {
      if (following & (1 << bit)) sink.packetMissing(ssrc, (sequence + bit + 1) & 0xffff);
    }
  }
}

function readFullIntraRequests(bytes: Buffer, offset: number, end: number, sink: FeedbackSink): void {
  for (let item = offset + 12; item + 8 <= end; item += 8) sink.pictureLost(bytes.readUInt32BE(item));
}

/** "REMB", the number of streams, and 6 bits of exponent before 18 of mantissa, in bit/s. */
function readReceiverEstimate(bytes: Buffer, offset: number, end: number, sink: FeedbackSink): void {
  if (end < offset + 20 || bytes.toString('latin1', offset + 12, offset + 16) !== 'REMB') return;
  const exponent = bytes.readUInt8(offset + 17) >> 2;
  const mantissa = bytes.readUIntBE(offset + 17, 3) & 0x3ffff;
  sink.receiverEstimate((mantissa * 2 ** exponent) / 1000);
}
