import { maxJsonLineBytes } from '../line/frame-reader.ts';

export const maxLineKilobytes = maxJsonLineBytes / 1_024;
/** Requests in one batch. */
export const maxBatch = 50;
/** Requests, in batches or alone, that have no answer yet. */
export const maxUnderWay = 32;
