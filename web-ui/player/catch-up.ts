/** So far behind where it should be, and it begins to hurry; so near, and it stops. */
const beginSeconds = 0.2;
const endSeconds = 0.08;
/** Hurrying eats the buffer: this much must stay. */
const spareSeconds = 0.45;
/** Hardly heard; the second for who is far behind. */
const gentleRate = 1.08;
const quickRate = 1.25;
const quickFromSeconds = 1;
/** Further behind than this, nobody wants to watch the rest. */
const jumpFromSeconds = 4;

/**
 * How fast LL-HLS should play to come back to its place behind the live edge after a hiccup. hls.js does that
 * only with more than a second in the buffer, which is more than low latency ever has.
 * @param state.behindSeconds behind where it should be
 * @param state.bufferedSeconds buffered ahead of the picture
 * @param state.rate the rate now
 * @returns the playback rate, or `jump`
 */
export function catchUp(state: {
  behindSeconds: number;
  bufferedSeconds: number;
  rate: number;
}): number | 'jump' {
  const { behindSeconds, bufferedSeconds, rate } = state;
  if (behindSeconds >= jumpFromSeconds) return 'jump';
  if (bufferedSeconds < spareSeconds) return 1;
  if (behindSeconds < (rate > 1 ? endSeconds : beginSeconds)) return 1;
  return behindSeconds >= quickFromSeconds ? quickRate : gentleRate;
}
