/** LANCast, "Reconnection": 1 s, doubled at each failure, never above 30 s. */
const firstMs = 1_000;
const maxMs = 30_000;
/** A quick first look before that, where the connection had worked. */
const quickMs = 250;

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
