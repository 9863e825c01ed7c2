/** What a link does with what is sent: a queue grows, shrinks, or neither. */
export type LinkUsage = 'over' | 'under' | 'normal';

/** The constants are those of libwebrtc's trendline estimator. */
const windowSize = 20;
const smoothing = 0.9;
const gain = 4;
const overuseMs = 10;
const burstUs = 5_000;
const firstThreshold = 12.5;
const thresholdRange = [6, 600] as const;
const thresholdUp = 0.0087;
const thresholdDown = 0.039;
const maxThresholdGap = 15;
/** Packets further apart than this on the receiver's clock say nothing: it slept, or its clock jumped. */
const maxGapUs = 3_000_000;

interface Group {
  firstSentUs: number;
  sentUs: number;
  receivedUs: number;
}

/**
 * The delay-based half of Google Congestion Control (draft-ietf-rmcat-gcc-02, 5): packets that arrive further apart than
 * they were sent have waited in a queue that grows.
 */
export class Trendline {
  #group: Group | null = null;
  #previous: Group | null = null;
  #history: { atMs: number; delayMs: number }[] = [];
  #firstReceivedUs = 0;
  #accumulatedMs = 0;
  #smoothedMs = 0;
  #deltas = 0;
  #threshold = firstThreshold;
  #thresholdAtMs: number | null = null;
  #overMs = -1;
  #overCount = 0;
  #slope = 0;
  #usage: LinkUsage = 'normal';

  get usage(): LinkUsage {
    return this.#usage;
  }

  /** The next packet that has arrived, in the order in which they were sent. Both times are of clocks of their own. */
  push(sentUs: number, receivedUs: number): void {
    const group = this.#group;
    if (group !== null && Math.abs(receivedUs - group.receivedUs) > maxGapUs) this.#reset();
    if (this.#group === null) {
      this.#group = { firstSentUs: sentUs, sentUs, receivedUs };
      return;
    }
    if (sentUs - this.#group.firstSentUs <= burstUs) {
      this.#group.sentUs = sentUs;
      this.#group.receivedUs = Math.max(this.#group.receivedUs, receivedUs);
      return;
    }
    if (this.#previous) this.#compare(this.#previous, this.#group);
    this.#previous = this.#group;
    this.#group = { firstSentUs: sentUs, sentUs, receivedUs };
  }

  #compare(before: Group, after: Group): void {
    const sentMs = (after.sentUs - before.sentUs) / 1000;
    const receivedMs = (after.receivedUs - before.receivedUs) / 1000;
    if (this.#deltas === 0) this.#firstReceivedUs = after.receivedUs;
    this.#deltas = Math.min(this.#deltas + 1, 1000);
    this.#accumulatedMs += receivedMs - sentMs;
    this.#smoothedMs = smoothing * this.#smoothedMs + (1 - smoothing) * this.#accumulatedMs;
    const atMs = (after.receivedUs - this.#firstReceivedUs) / 1000;
    this.#history.push({ atMs, delayMs: this.#smoothedMs });
    if (this.#history.length > windowSize) this.#history.shift();
    const slope = this.#history.length === windowSize ? slopeOf(this.#history) : this.#slope;
    this.#detect(slope, sentMs, after.receivedUs / 1000);
  }

  #detect(slope: number, sentMs: number, nowMs: number): void {
    if (this.#deltas < 2) return;
    const trend = Math.min(this.#deltas, 60) * slope * gain;
    if (trend > this.#threshold) {
      this.#overMs = this.#overMs < 0 ? sentMs / 2 : this.#overMs + sentMs;
      this.#overCount += 1;
      if (this.#overMs > overuseMs && this.#overCount > 1 && slope >= this.#slope) {
        this.#overMs = 0;
        this.#overCount = 0;
        this.#usage = 'over';
      }
    } else {
      this.#overMs = -1;
      this.#overCount = 0;
      this.#usage = trend < -this.#threshold ? 'under' : 'normal';
    }
    this.#slope = slope;
    this.#adapt(Math.abs(trend), nowMs);
  }

  #adapt(trend: number, nowMs: number): void {
    const passedMs = Math.min(nowMs - (this.#thresholdAtMs ?? nowMs), 100);
    this.#thresholdAtMs = nowMs;
    if (trend > this.#threshold + maxThresholdGap) return;
    const factor = trend < this.#threshold ? thresholdDown : thresholdUp;
    const next = this.#threshold + factor * (trend - this.#threshold) * passedMs;
    this.#threshold = Math.min(Math.max(next, thresholdRange[0]), thresholdRange[1]);
  }

  #reset(): void {
    this.#group = null;
    this.#previous = null;
    this.#history = [];
    this.#accumulatedMs = 0;
    this.#smoothedMs = 0;
    this.#deltas = 0;
    this.#slope = 0;
    this.#usage = 'normal';
  }
}

/** Least squares; milliseconds of delay for each millisecond. */
function slopeOf(points: readonly { atMs: number; delayMs: number }[]): number {
  let sumX = 0;
  let sumY = 0;
  for (const { atMs, delayMs } of points) {
    sumX += atMs;
    sumY += delayMs;
  }
  const meanX = sumX / points.length;
  const meanY = sumY / points.length;
  let above = 0;
  let below = 0;
  for (const { atMs, delayMs } of points) {
    above += (atMs - meanX) * (delayMs - meanY);
    below += (atMs - meanX) ** 2;
  }
  return below === 0 ? 0 : above / below;
}
