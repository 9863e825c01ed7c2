/** Seconds between the NTP era (1900) and the Unix epoch. */
const ntpEpochSeconds = 2_208_988_800;
const reportBytes = 28;

export interface SenderReport {
  ssrc: number;
  cname: string;
  /** The same moment on two clocks: milliseconds since the Unix epoch, and the stream's RTP time stamp. */
  wallClockMs: number;
  rtpTimestamp: number;
  packets: number;
  octets: number;
}

/**
 * One compound packet of sender report and CNAME (RFC 3550, 6.4.1 and 6.5). Sound and picture of one viewer share
 * CNAME and clock, which is all a receiver needs to keep lips in step.
 */
export function encodeSenderReport(report: SenderReport): Buffer {
  const cname = Buffer.from(report.cname, 'utf8').subarray(0, 255);
  // Chunk: SSRC, item type, item length, text, at least one zero octet, up to a multiple of four.
  const chunkBytes = Math.ceil((4 + 2 + cname.length + 1) / 4) * 4;
  const packet = Buffer.alloc(reportBytes + 4 + chunkBytes);

  packet[0] = 0x80;
  packet[1] = 200;
  packet.writeUInt16BE(reportBytes / 4 - 1, 2);
  packet.writeUInt32BE(report.ssrc >>> 0, 4);
  const ntp = ntpTime(report.wallClockMs);
  packet.writeUInt32BE(ntp.seconds, 8);
  packet.writeUInt32BE(ntp.fraction, 12);
  packet.writeUInt32BE(report.rtpTimestamp >>> 0, 16);
  packet.writeUInt32BE(report.packets >>> 0, 20);
  packet.writeUInt32BE(report.octets >>> 0, 24);

  packet[reportBytes] = 0x81;
  packet[reportBytes + 1] = 202;
  packet.writeUInt16BE(chunkBytes / 4, reportBytes + 2);
  packet.writeUInt32BE(report.ssrc >>> 0, reportBytes + 4);
  packet[reportBytes + 8] = 1;
  packet[reportBytes + 9] = cname.length;
  cname.copy(packet, reportBytes + 10);
  return packet;
}

function ntpTime(wallClockMs: number): { seconds: number; fraction: number } {
  const seconds = wallClockMs / 1000;
  const fraction = seconds - Math.floor(seconds);
  return {
    seconds: (Math.floor(seconds) + ntpEpochSeconds) % 2 ** 32,
    fraction: Math.min(Math.floor(fraction * 2 ** 32), 2 ** 32 - 1),
  };
}

/** The middle 32 bits of an NTP time, as receiver reports repeat them (RFC 3550, 6.4.1: LSR). */
export function middleOfNtp(wallClockMs: number): number {
  const { seconds, fraction } = ntpTime(wallClockMs);
  return ((seconds & 0xffff) * 2 ** 16 + Math.floor(fraction / 2 ** 16)) >>> 0;
}

/** What a report says of one stream. */
export type StreamReport = Pick<SenderReport, 'rtpTimestamp' | 'packets' | 'octets'>;

/** The reports of one viewer's streams, which both name the same moment. */
export function senderReports(options: {
  labels: { cname: string; videoSsrc: number; audioSsrc: number };
  wallClockMs: number;
  video: StreamReport;
  audio: StreamReport | null;
}): Buffer[] {
  const { labels, wallClockMs, video, audio } = options;
  const common = { cname: labels.cname, wallClockMs };
  const reports = [encodeSenderReport({ ...common, ssrc: labels.videoSsrc, ...video })];
  if (audio) reports.push(encodeSenderReport({ ...common, ssrc: labels.audioSsrc, ...audio }));
  return reports;
}
