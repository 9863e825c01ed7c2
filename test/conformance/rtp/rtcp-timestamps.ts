import { receiving } from '../connected.ts';
import { expect, NotApplicable, type Requirement } from '../requirement.ts';
import { readRtp, senderReportsOf } from '../rtp.ts';

const clockRates: Readonly<Record<number, number>> = { 102: 90_000, 111: 48_000 };
/** A report may be behind or ahead of the packets that are on their way. */
const toleranceS = 1;

export const requirement: Requirement = {
  id: 'rtcp-timestamps',
  group: 'rtp',
  kinds: ['whep'],
  section: 'RFC 3550, 6.4.1',
  level: 'MUST',
  requirement: 'The RTP timestamp of a sender report is the stream’s own at that time.',
  async check(context) {
    const { peer } = await receiving(context);
    const newestOf = (stream: number) => peer.rtp.map(readRtp).findLast(({ ssrc }) => ssrc === stream);
    const reported = () =>
      peer.rtcp.flatMap(senderReportsOf).findLast(({ ssrc }) => newestOf(ssrc) !== undefined);
    await peer.until(() => reported() !== undefined, 10_000);
    const report = reported();
    if (report === undefined) throw new NotApplicable('no sender report came about a stream that sends');
    const packet = newestOf(report.ssrc);
    expect(packet, `no packet of ${report.ssrc}`);
    const rate = clockRates[packet.payloadType];
    if (rate === undefined) throw new NotApplicable(`payload type ${packet.payloadType}`);
    const apartS = ((report.timestamp - packet.timestamp) | 0) / rate;
    expect(Math.abs(apartS) < toleranceS, `${apartS.toFixed(1)} s from the newest packet of ${report.ssrc}`);
    return `${(apartS * 1_000).toFixed(0)} ms from the newest packet`;
  },
};
