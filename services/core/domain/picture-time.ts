/** Pictures that come at all come more often than this; without any for so long, they have ceased. */
export const picturesWithinMs = 1_000;
/** A slow source (a time lapse, a document camera) has this many of its own frames' time, where that is longer. */
const picturesWithinFrames = 5;

/** Within what time the next picture is due. @param intervalMs from one picture to the next */
export function nextPictureWithinMs(intervalMs: number): number {
  return Math.max(picturesWithinMs, picturesWithinFrames * intervalMs);
}
