/** A publisher that is there and sends nothing for so long makes room for another. */
export const publisherSilentMs = 10_000;
