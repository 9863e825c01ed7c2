import { DeliveredRate } from './delivered-rate.ts';
import { Trendline } from './trendline.ts';

/** draft-ietf-rmcat-gcc-02, 5.5 and 6. */
const decrease = 0.85;
const maxDecrease = 0.5;
const increasePerSecond = 1.08;
const lossToDecrease = 0.1;
const lossToIncrease = 0.02;
/** What is measured can't show more than a little above what is sent. */
const aboveDelivered = 1.5;
const aboveDeliveredKbps = 10;
/** Between two decreases: the first one has to show. */
const decreaseEveryMs = 300;
/** Near the rate at which the link was full, the estimate grows slowly. */
const nearCapacity = 0.95;
const additiveKbpsPerSecond = 50;
const capacityHoldsMs = 15_000;
const lossWindowMs = 1_000;
/** A receiver's own estimate (REMB) that is not renewed. */
const rembHoldsMs = 5_000;
/** Without transport-wide feedback, a round trip that grows by this says that a queue does. */
const queueMs = 200;
const minKbps = 50;
const maxKbps = 50_000;

/**
 * What one viewer's link takes, in kbit/s on the wire: Google Congestion Control over transport-wide feedback; where a
 * client sends none, loss and round trips of its receiver reports; never more than its own estimate, where it tells one.
 */
export class ViewerBandwidth {
  readonly #trendline = new Trendline();
  readonly #rate = new DeliveredRate();
  #estimateKbps: number | null = null;
  #updatedAtMs = 0;
  #decreasedAtMs = Number.NEGATIVE_INFINITY;
  #capacity: { kbps: number; atMs: number } | null = null;
  #lossSinceMs = 0;
  #sent = 0;
  #lost = 0;
  #remb: { kbps: number; atMs: number } | null = null;
  #leastRoundTripMs = Number.POSITIVE_INFINITY;
  #hasFeedback = false;

  /** Null before anything is known: then nothing is held back. */
  estimateKbps(nowMs: number): number | null {
    const remb = this.#remb && nowMs - this.#remb.atMs <= rembHoldsMs ? this.#remb.kbps : null;
    if (this.#estimateKbps === null) return remb;
    return remb === null ? this.#estimateKbps : Math.min(this.#estimateKbps, remb);
  }

  /**
   * One packet of which transport-wide feedback tells, in the order in which they were sent; `transportFeedback` follows.
   * @param receivedUs on the receiver's clock; NaN: it has not arrived
   */
  delivered(sentUs: number, receivedUs: number, bytes: number): void {
    this.#sent += 1;
    if (Number.isNaN(receivedUs)) {
      this.#lost += 1;
      return;
    }
    this.#trendline.push(sentUs, receivedUs);
    this.#rate.push(receivedUs, bytes);
  }

  /** The packets of one feedback have been told. @param targetKbps what is sent now, to begin with */
  transportFeedback(nowMs: number, targetKbps: number): void {
    this.#hasFeedback = true;
    this.#begin(nowMs, targetKbps);
    const deliveredKbps = this.#rate.kbps();
    if (this.#trendline.usage === 'over') this.#overused(nowMs, deliveredKbps);
    else if (this.#trendline.usage === 'normal') this.#increase(nowMs, deliveredKbps);
    else this.#updatedAtMs = nowMs;
    if (nowMs - this.#lossSinceMs < lossWindowMs) return;
    if (this.#sent >= 20) this.#lose(this.#lost / this.#sent, nowMs);
    this.#lossSinceMs = nowMs;
    this.#sent = 0;
    this.#lost = 0;
  }

  /** @param roundTripMs null where the report tells none */
  receiverReport(lossRatio: number, roundTripMs: number | null, nowMs: number, targetKbps: number): void {
    if (this.#hasFeedback) return;
    this.#begin(nowMs, targetKbps);
    if (roundTripMs !== null) this.#leastRoundTripMs = Math.min(this.#leastRoundTripMs, roundTripMs);
    if (roundTripMs !== null && roundTripMs > this.#leastRoundTripMs + queueMs)
      this.#overused(nowMs, targetKbps);
    else if (lossRatio < lossToIncrease) this.#increase(nowMs, targetKbps);
    else this.#updatedAtMs = nowMs;
    this.#lose(lossRatio, nowMs);
  }

  /** draft-alvestrand-rmcat-remb-03. */
  receiverEstimate(kbps: number, nowMs: number): void {
    this.#remb = { kbps: clamped(kbps), atMs: nowMs };
  }

  #begin(nowMs: number, targetKbps: number): void {
    if (this.#estimateKbps !== null) return;
    this.#set(targetKbps * aboveDelivered);
    this.#updatedAtMs = nowMs;
    this.#lossSinceMs = nowMs;
  }

  #overused(nowMs: number, deliveredKbps: number | null): void {
    this.#updatedAtMs = nowMs;
    if (deliveredKbps === null || nowMs - this.#decreasedAtMs < decreaseEveryMs) return;
    this.#decreasedAtMs = nowMs;
    this.#capacity = { kbps: deliveredKbps, atMs: nowMs };
    const current = this.#estimateKbps ?? maxKbps;
    // A quiet scene sends little, and a queue of a moment then shows less than the link takes.
    this.#set(Math.min(current, Math.max(decrease * deliveredKbps, current * maxDecrease)));
  }

  #increase(nowMs: number, deliveredKbps: number | null): void {
    const seconds = Math.min((nowMs - this.#updatedAtMs) / 1000, 1);
    this.#updatedAtMs = nowMs;
    const current = this.#estimateKbps ?? minKbps;
    const capacity =
      this.#capacity && nowMs - this.#capacity.atMs < capacityHoldsMs ? this.#capacity.kbps : null;
    const isNear = capacity !== null && current > capacity * nearCapacity * decrease;
    const next = isNear ? current + additiveKbpsPerSecond * seconds : current * increasePerSecond ** seconds;
    const most = deliveredKbps === null ? next : aboveDelivered * deliveredKbps + aboveDeliveredKbps;
    // What was found before stays: sending less than it shows nothing against it.
    this.#set(Math.max(current, Math.min(next, most)));
  }

  #lose(ratio: number, nowMs: number): void {
    if (ratio <= lossToDecrease || nowMs - this.#decreasedAtMs < decreaseEveryMs) return;
    this.#decreasedAtMs = nowMs;
    const current = this.#estimateKbps ?? minKbps;
    const deliveredKbps = this.#rate.kbps();
    const base = deliveredKbps === null ? current : Math.min(current, deliveredKbps / (1 - ratio));
    this.#set(base * (1 - 0.5 * ratio));
  }

  #set(kbps: number): void {
    this.#estimateKbps = clamped(kbps);
  }
}

/** What a viewer tells is not believed beyond this. */
const clamped = (kbps: number): number => Math.min(Math.max(kbps, minKbps), maxKbps);
