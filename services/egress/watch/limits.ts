/** Viewers at once, connected or not; beyond this the box's network is the limit long before. */
export const maxSessions = 250;
/** Offers for one session: a viewer that starts afresh again and again is stuck in a loop. */
export const maxOffers = 10;
/** Candidates of one viewer, those in its offer not counted. */
export const maxCandidates = 60;
/** From watch_request to signal_offer. */
export const offerTimeoutMs = 30_000;
/** From the answer to the connection. */
export const connectTimeoutMs = 15_000;
/**
 * A viewer reports at least every 5 s (RFC 3550, 6.2) while it receives; browsers every second. One that did, and then
 * says nothing for this long, is gone; ICE would notice only after 30 s.
 */
export const reportTimeoutMs = 12_000;
/**
 * Key frames that a viewer may ask for: a lossy minute needs a few in a row, but each costs everybody bits, and one that
 * asks without end is to have them for itself only as often as nobody else notices.
 */
export const keyFrameRequests = { most: 6, everyMs: 3_000 };
