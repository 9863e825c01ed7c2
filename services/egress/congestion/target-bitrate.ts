/** Of a viewer's link, the part that pictures may take: sound, reports and repeats share it. */
const pictureShare = 0.9;
const soundKbps = 100;
/** Below this part of the setting the picture is not worth watching. */
const floorShare = 1 / 3;
/** A target moves up in steps, and not before it has been in force for a while; down at once. */
const upStep = 1.08;
const upAfterMs = 2_000;
const downStep = 0.97;
/** Who can't take the floor for this long is sent key frames only, and in the end nothing. */
const belowFloorMs = 5_000;
const endAfterMs = 30_000;
/** For them the others see less once in this time: who falls and rises again and again does not hold them down. */
const graceEveryMs = 60_000;

export interface ViewerLink {
  id: string;
  /** Null where nothing is known of it. */
  estimateKbps: number | null;
}

export interface BitrateDecision {
  targetKbps: number;
  /** The viewer whose link the target follows; null where the setting is the limit. */
  heldBy: string | null;
}

/** What a viewer who can't follow gets. */
export type Fitness = 'fits' | 'key-frames' | 'ended';

/**
 * One encode serves all: its bitrate is what every viewer's link takes, between a floor and the setting. Who can't take
 * the floor doesn't count: the others are not to see less for it.
 */
export class TargetBitrate {
  #ceilingKbps: number;
  #adaptive: boolean;
  #targetKbps: number;
  #changedAtMs = 0;
  readonly #belowSinceMs = new Map<string, number>();
  /** When the others last began to see less for a viewer below the floor. */
  readonly #graceAtMs = new Map<string, number>();

  constructor({ ceilingKbps, adaptive }: { ceilingKbps: number; adaptive: boolean }) {
    this.#ceilingKbps = ceilingKbps;
    this.#adaptive = adaptive;
    this.#targetKbps = ceilingKbps;
  }

  get targetKbps(): number {
    return this.#targetKbps;
  }

  get floorKbps(): number {
    return Math.round(this.#ceilingKbps * floorShare);
  }

  configure({ ceilingKbps, adaptive }: { ceilingKbps: number; adaptive: boolean }): void {
    const wasCeiling = this.#targetKbps === this.#ceilingKbps;
    this.#ceilingKbps = ceilingKbps;
    this.#adaptive = adaptive;
    if (!adaptive || wasCeiling || this.#targetKbps > ceilingKbps) this.#targetKbps = ceilingKbps;
  }

  /** A few times a second. */
  evaluate(viewers: readonly ViewerLink[], nowMs: number): BitrateDecision {
    this.#noteBelowFloor(viewers, nowMs);
    if (!this.#adaptive) return { targetKbps: this.#targetKbps, heldBy: null };
    let wantedKbps = this.#ceilingKbps;
    let heldBy: string | null = null;
    for (const { id, estimateKbps } of viewers) {
      if (estimateKbps === null || this.#belowSinceMs.has(id)) continue;
      const takesKbps = takes(estimateKbps);
      if (takesKbps >= wantedKbps) continue;
      wantedKbps = Math.max(takesKbps, this.floorKbps);
      heldBy = id;
    }
    // A viewer that has just fallen below the floor holds the target there until it is clear that it stays below.
    for (const [id, sinceMs] of this.#belowSinceMs) {
      if (nowMs - sinceMs >= belowFloorMs || this.#graceAtMs.get(id) !== sinceMs) continue;
      wantedKbps = this.floorKbps;
      heldBy = id;
    }
    this.#move(Math.round(wantedKbps), nowMs);
    return { targetKbps: this.#targetKbps, heldBy: this.#targetKbps < this.#ceilingKbps ? heldBy : null };
  }

  fitness(id: string, nowMs: number): Fitness {
    const sinceMs = this.#belowSinceMs.get(id);
    if (!this.#adaptive || sinceMs === undefined || nowMs - sinceMs < belowFloorMs) return 'fits';
    return nowMs - sinceMs < belowFloorMs + endAfterMs ? 'key-frames' : 'ended';
  }

  #noteBelowFloor(viewers: readonly ViewerLink[], nowMs: number): void {
    const present = new Set(viewers.map(({ id }) => id));
    for (const id of this.#belowSinceMs.keys()) if (!present.has(id)) this.#belowSinceMs.delete(id);
    for (const id of this.#graceAtMs.keys()) if (!present.has(id)) this.#graceAtMs.delete(id);
    for (const { id, estimateKbps } of viewers) {
      if (estimateKbps === null || takes(estimateKbps) >= this.floorKbps) this.#belowSinceMs.delete(id);
      else if (!this.#belowSinceMs.has(id)) {
        this.#belowSinceMs.set(id, nowMs);
        const graceAtMs = this.#graceAtMs.get(id);
        if (graceAtMs === undefined || nowMs - graceAtMs >= graceEveryMs) this.#graceAtMs.set(id, nowMs);
      }
    }
  }

  #move(wantedKbps: number, nowMs: number): void {
    const current = this.#targetKbps;
    if (wantedKbps < current * downStep) this.#targetKbps = wantedKbps;
    else if (wantedKbps > current && nowMs - this.#changedAtMs >= upAfterMs) {
      const next = Math.min(wantedKbps, Math.round(current * upStep ** 2));
      if (next < current * upStep && next < this.#ceilingKbps) return;
      this.#targetKbps = next;
    } else return;
    this.#changedAtMs = nowMs;
  }
}

const takes = (estimateKbps: number): number => (estimateKbps - soundKbps) * pictureShare;
