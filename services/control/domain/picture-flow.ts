import { nextPictureWithinMs, picturesWithinMs } from '#core/domain/picture-time.ts';

/** Parts come in bursts of their own length: they may be this much older than a picture. */
const partSlackMs = 300;
/** Without RTP for this long after the first part, viewers have LL-HLS: that is live too. */
const liveWithoutPacketsAfterMs = 1_500;
/** Pictures that stay away this long, and longer than they may, are missed, whatever media says: it may hang itself. */
const missedAfterMs = 1_500;
const missedSlackMs = 500;

/** How long a broadcast stays live without another picture. @param nextWithinMs until one is due */
export const liveWithoutPictureMs = (nextWithinMs: number): number =>
  Math.max(missedAfterMs, nextWithinMs + missedSlackMs);

/** What media and egress have reported; times by the clock that does not jump, null for what never was. */
export interface FlowReports {
  /** Of the source; 0 where it is not known. */
  framesPerSecond: number;
  /** What comes are no pictures of the source, but the slate's: media looks for it again, or was refused. */
  substituted: boolean;
  /** The newest part that players can fetch, and the first of this broadcast. */
  partAtMs: number | null;
  firstPartAtMs: number | null;
  /** Egress sees packets; if not, since when, and null where it is not there to see any. */
  packets: boolean;
  packetsLostAtMs: number | null;
}

/** What follows from them. */
export interface PictureFlow {
  /** A picture of the source is where viewers get it: what is live stays so, what retries is live again. */
  arrives: boolean;
  /** Also as packets, or these have been waited for long enough: a broadcast that starts is live. */
  begins: boolean;
  /** Parts and packets both go on: the light may say that it is live. */
  advances: boolean;
  /** Without another picture for so long, a broadcast that is live retries. */
  retriesAfterMs: number;
}

/** Whether pictures flow: as parts that players fetch, and as packets on their way through egress. */
export function pictureFlow(reports: FlowReports, nowMs: number): PictureFlow {
  const { framesPerSecond, substituted, partAtMs, firstPartAtMs, packets, packetsLostAtMs } = reports;
  const withinMs = nextPictureWithinMs(framesPerSecond > 0 ? 1_000 / framesPerSecond : 0);
  const partsAdvance = partAtMs !== null && nowMs - partAtMs <= withinMs + partSlackMs;
  // Egress says after 1 s that none came, which is no bad sign yet where frames are further apart.
  const packetsAdvance =
    packets || (packetsLostAtMs !== null && nowMs - packetsLostAtMs < withinMs - picturesWithinMs);
  const arrives = !substituted && firstPartAtMs !== null && partsAdvance;
  const waited = firstPartAtMs !== null && nowMs - firstPartAtMs > liveWithoutPacketsAfterMs;
  return {
    arrives,
    begins: arrives && (packetsAdvance || waited),
    advances: partsAdvance && packetsAdvance,
    retriesAfterMs: liveWithoutPictureMs(withinMs),
  };
}
