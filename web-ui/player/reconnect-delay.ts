/** LANCast, "Reconnection": 1 s, doubled at each failure, never above 30 s. */
const firstMs = 1_000;
const maxMs = 30_000;
/** A quick first look before that, where the connection had worked. */
const quickMs = 250;

/**
 * LANCast's "Reconnection" to the letter, in milliseconds: the printed delay is the least, and jitter adds up to half,
 * so that the pages that one restart cut off don't all come back in the same moment.
 * @param attempt tries that failed since it last worked, from 0
 */
export function lancastDelayMs(attempt: number, random: () => number = Math.random): number {
  const printedMs = Math.min(firstMs * 2 ** Math.min(attempt, 16), maxMs);
  return printedMs * (1 + random() / 2);
}

/**
 * How long to wait before the next try, in milliseconds.
 *
 * A connection that never worked follows LANCast's "Reconnection": 1 s, 2 s, 4 s … 30 s. One that *had* worked
 * is most likely gone because a daemon restarts, which takes about a second: it is tried again after
 * 250 ms and 500 ms before it follows the same row, so that the page is back 2 s later and not 7.
 * @param attempt tries that failed since it last worked, from 0
 */
export function reconnectDelayMs(attempt: number, hadWorked: boolean): number {
  return Math.min((hadWorked ? quickMs : firstMs) * 2 ** Math.min(attempt, 16), maxMs);
}
