/**
 * The contract of the preview process: media starts it while an operator looks at sources, on the air or not, and ends
 * it soon after. It reads the frames of source processes beside the encoder (sources/contract.ts), and makes a JPEG
 * only when one is asked for: native code that blocks or dies there costs a still, and never the broadcast.
 */
export interface PreviewInput {
  /** The process's id in media. */
  id: string;
  socketPath: string;
  width: number;
  height: number;
}

/** Media → preview process. */
export type ToPreview =
  /** All processes that may be looked at. */
  | { type: 'inputs'; inputs: PreviewInput[] }
  | {
      type: 'look';
      request: number;
      /** Whose pictures, and whose sound; null asks for none. */
      pictures: string | null;
      sound: string | null;
      /** Of the still, at most the picture's own. */
      width: number;
    };

/** Preview process → media. */
export type FromPreview =
  /** Its code is loaded. */
  | { type: 'warm' }
  /** In answer to `look`, once there is a picture; `jpeg` is base64, null where none was asked for or can be made. */
  | { type: 'looked'; request: number; jpeg: string | null; peaks: number[] };

/** A look that finds no picture waits so long for one. */
export const firstPictureWithinMs = 3_000;
/** The level is told as the loudest sample of each of these, for as long as is kept. */
export const peakEveryMs = 100;
export const peaksKept = 10;
