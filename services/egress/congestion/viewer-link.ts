import type { Peer } from '../engine.ts';
import { middleOfNtp } from '../rtcp/sender-report.ts';
import { parseTransportFeedback } from './transport-feedback.ts';
import { type DeliveredPacket, ViewerBandwidth } from './viewer-bandwidth.ts';

/** 2³² µs, after which the addon's clock begins again. */
const clockRangeUs = 2 ** 32;
const maxRoundTripMs = 10_000;

/** Puts together what one viewer reports and what was sent to it. */
export class ViewerLink {
  readonly #bandwidth = new ViewerBandwidth();
  #lastSentUs = 0;

  estimateKbps(nowMs: number): number | null {
    return this.#bandwidth.estimateKbps(nowMs);
  }

  transportFeedback(packet: Buffer, peer: Peer, nowMs: number, targetKbps: number): void {
    const statuses = parseTransportFeedback(packet);
    const first = statuses[0];
    if (!peer.frames || first === undefined) return;
    const sent = peer.frames.sent(first.sequence, statuses.length);
    const packets: DeliveredPacket[] = [];
    for (const [at, { receivedUs }] of statuses.entries()) {
      const { timeUs = -1, bytes = 0 } = sent[at] ?? {};
      if (timeUs < 0) continue;
      packets.push({ sentUs: this.#unwrap(timeUs), bytes, receivedUs });
    }
    if (packets.length > 0) this.#bandwidth.transportFeedback(packets, nowMs, targetKbps);
  }

  /** @param report of the receiver report's block: part lost, and when what it answers was sent and came */
  receiverReport(
    report: { lossRatio: number; lastReport: number; delay: number },
    { wallClockMs, nowMs, targetKbps }: { wallClockMs: number; nowMs: number; targetKbps: number },
  ): void {
    const { lossRatio, lastReport, delay } = report;
    const ticks = (middleOfNtp(wallClockMs) - lastReport - delay) >>> 0;
    const roundTripMs = (ticks / 65_536) * 1000;
    const isKnown = lastReport !== 0 && roundTripMs < maxRoundTripMs;
    this.#bandwidth.receiverReport(lossRatio, isKnown ? roundTripMs : null, nowMs, targetKbps);
  }

  receiverEstimate(kbps: number, nowMs: number): void {
    this.#bandwidth.receiverEstimate(kbps, nowMs);
  }

  /** The addon tells µs modulo 2³². */
  #unwrap(timeUs: number): number {
    const turns = Math.round((this.#lastSentUs - timeUs) / clockRangeUs);
    const unwrapped = timeUs + turns * clockRangeUs;
    if (unwrapped > this.#lastSentUs) this.#lastSentUs = unwrapped;
    return unwrapped;
  }
}
