import type { PeerFrames } from '../engine.ts';
import { middleOfNtp } from '../rtcp/sender-report.ts';
import { maxReported, TransportFeedback } from './transport-feedback.ts';
import { ViewerBandwidth } from './viewer-bandwidth.ts';

/** 2³² µs, after which the addon's clock begins again. */
const clockRangeUs = 2 ** 32;
const maxRoundTripMs = 10_000;
/** Several times what a stream has packets: who reports on more wants to keep us busy. */
const maxReportedPerSecond = 20_000;

/** All viewers', one after the other. */
const feedback = new TransportFeedback();
const sent = new Float64Array(2 * maxReported);

/** Puts together what one viewer reports and what was sent to it. */
export class ViewerLink {
  readonly #bandwidth = new ViewerBandwidth();
  #lastSentUs = 0;
  #budgetUntilMs = 0;
  #budget = 0;

  estimateKbps(nowMs: number): number | null {
    return this.#bandwidth.estimateKbps(nowMs);
  }

  transportFeedback(packet: Buffer, frames: PeerFrames, nowMs: number, targetKbps: number): void {
    feedback.read(packet);
    const { first, count, receivedUs } = feedback;
    if (count === 0 || !this.#affords(count, nowMs)) return;
    frames.sent(first, count, sent);
    let known = 0;
    for (let at = 0; at < count; at += 1) {
      const timeUs = sent[2 * at] ?? -1;
      if (timeUs < 0) continue;
      known += 1;
      this.#bandwidth.delivered(this.#unwrap(timeUs), receivedUs[at] ?? Number.NaN, sent[2 * at + 1] ?? 0);
    }
    if (known > 0) this.#bandwidth.transportFeedback(nowMs, targetKbps);
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

  #affords(count: number, nowMs: number): boolean {
    if (nowMs >= this.#budgetUntilMs) {
      this.#budgetUntilMs = nowMs + 1_000;
      this.#budget = maxReportedPerSecond;
    }
    this.#budget -= count;
    return this.#budget >= 0;
  }

  /** The addon tells µs modulo 2³². */
  #unwrap(timeUs: number): number {
    const turns = Math.round((this.#lastSentUs - timeUs) / clockRangeUs);
    const unwrapped = timeUs + turns * clockRangeUs;
    if (unwrapped > this.#lastSentUs) this.#lastSentUs = unwrapped;
    return unwrapped;
  }
}
