import t from 'tap';
import { TargetBitrate } from '#egress/congestion/target-bitrate.ts';
import { ViewerBandwidth } from '#egress/congestion/viewer-bandwidth.ts';

interface DeliveredPacket {
  sentUs: number;
  bytes: number;
  receivedUs: number | null;
}

const packetBytes = 1_200;
const frameMs = 1000 / 30;

/** A link with one queue, on time that the test drives; the encode follows the estimate as in egress. */
class NarrowLink {
  readonly bandwidth = new ViewerBandwidth();
  readonly target = new TargetBitrate({ ceilingKbps: 3_000, adaptive: true });
  capacityKbps: number;
  lossRatio = 0;
  queueMs = 0;
  nowMs = 0;
  lost = 0;
  readonly #delayMs: number;
  #freeAtMs = 0;
  #report: DeliveredPacket[] = [];
  #random = 1;

  constructor(capacityKbps: number, { delayMs = 20 } = {}) {
    this.capacityKbps = capacityKbps;
    this.#delayMs = delayMs;
  }

  run(seconds: number): void {
    const untilMs = this.nowMs + seconds * 1000;
    let reportAtMs = this.nowMs + 100;
    while (this.nowMs < untilMs) {
      this.#frame();
      this.nowMs += frameMs;
      if (this.nowMs < reportAtMs) continue;
      reportAtMs += 100;
      const arrived = this.#report.filter(
        ({ receivedUs }) => receivedUs === null || receivedUs <= this.nowMs * 1000,
      );
      this.#report = this.#report.filter((packet) => !arrived.includes(packet));
      for (const { sentUs, receivedUs, bytes } of arrived)
        this.bandwidth.delivered(sentUs, receivedUs ?? Number.NaN, bytes);
      this.bandwidth.transportFeedback(this.nowMs, this.target.targetKbps);
      const estimateKbps = this.bandwidth.estimateKbps(this.nowMs);
      this.target.evaluate([{ id: 'viewer', estimateKbps }], this.nowMs);
    }
  }

  #frame(): void {
    const packets = Math.max(1, Math.round((this.target.targetKbps * frameMs) / 8 / packetBytes));
    for (let at = 0; at < packets; at += 1) {
      const startMs = Math.max(this.nowMs, this.#freeAtMs);
      this.queueMs = startMs - this.nowMs;
      const isLost = this.queueMs > 300 || this.#chance() < this.lossRatio;
      if (isLost) this.lost += 1;
      else this.#freeAtMs = startMs + (packetBytes * 8) / this.capacityKbps;
      this.#report.push({
        sentUs: this.nowMs * 1000,
        bytes: packetBytes,
        receivedUs: isLost ? null : Math.round((this.#freeAtMs + this.#delayMs) * 1000),
      });
    }
  }

  /** The same numbers each time. */
  #chance(): number {
    this.#random = (this.#random * 48_271) % 2_147_483_647;
    return this.#random / 2_147_483_647;
  }
}

t.test('a wide link holds nothing back', async (t) => {
  const link = new NarrowLink(20_000);
  link.run(20);
  t.equal(link.target.targetKbps, 3_000);
});

for (const capacityKbps of [1_500, 2_200]) {
  t.test(
    `a link of ${capacityKbps} kbit/s: the encode fits into it, and its queue stays short`,
    async (t) => {
      const link = new NarrowLink(capacityKbps);
      link.run(15);
      const targets: number[] = [];
      let waited = 0;
      for (let round = 0; round < 60; round += 1) {
        link.run(0.5);
        targets.push(link.target.targetKbps);
        if (link.queueMs > 200) waited += 1;
      }
      const mean = targets.reduce((sum, each) => sum + each, 0) / targets.length;
      t.ok(mean > 0.5 * capacityKbps && mean < capacityKbps, `${mean.toFixed()} kbit/s on average`);
      t.ok(waited <= 6, `${waited} of 60 looks found more than 200 ms of queue`);
    },
  );
}

t.test('a link that becomes narrow, and wide again', async (t) => {
  const link = new NarrowLink(10_000);
  link.run(5);
  link.capacityKbps = 1_400;
  const narrowAtMs = link.nowMs;
  while (link.target.targetKbps > 1_400 && link.nowMs - narrowAtMs < 20_000) link.run(0.1);
  t.ok(link.nowMs - narrowAtMs < 3_000, `followed after ${(link.nowMs - narrowAtMs).toFixed()} ms`);
  link.run(20);
  link.capacityKbps = 10_000;
  const wideAtMs = link.nowMs;
  while (link.target.targetKbps < 3_000 && link.nowMs - wideAtMs < 120_000) link.run(0.5);
  t.ok(link.nowMs - wideAtMs < 90_000, `back after ${((link.nowMs - wideAtMs) / 1000).toFixed()} s`);
});

t.test('packets lost by chance are no narrow link; many are', async (t) => {
  const link = new NarrowLink(20_000);
  link.lossRatio = 0.02;
  link.run(20);
  t.equal(link.target.targetKbps, 3_000);
  link.lossRatio = 0.3;
  link.run(10);
  t.ok(link.target.targetKbps < 2_000, `${link.target.targetKbps} kbit/s at 30 % loss`);
});

t.test('a client without transport-wide feedback: its own estimate, loss and round trips', async (t) => {
  const own = new ViewerBandwidth();
  t.equal(own.estimateKbps(0), null, 'nothing is known');
  own.receiverEstimate(1_200, 0);
  t.equal(own.estimateKbps(1_000), 1_200);
  t.equal(own.estimateKbps(6_000), null, 'not renewed');

  const lossy = new ViewerBandwidth();
  for (let second = 0; second < 5; second += 1) lossy.receiverReport(0.3, 40, second * 1000, 3_000);
  t.ok((lossy.estimateKbps(5_000) ?? 0) < 2_500);

  const queued = new ViewerBandwidth();
  queued.receiverReport(0, 40, 0, 3_000);
  for (let second = 1; second < 5; second += 1) queued.receiverReport(0, 400, second * 1000, 3_000);
  t.ok((queued.estimateKbps(5_000) ?? 0) <= 2_550, 'a queue of 360 ms');
  const before = queued.estimateKbps(5_000) ?? 0;
  for (let second = 5; second < 15; second += 1) queued.receiverReport(0, 50, second * 1000, 2_000);
  t.ok((queued.estimateKbps(15_000) ?? 0) > before, 'up again without one');
});
