import { z } from 'zod';
import { overlayPlaces } from './overlay-places.ts';
import { pictureFile } from './picture-file.ts';

export const overlayPlace = z.enum(overlayPlaces);

/** What is drawn over the pictures of every source. */
export const overlay = z.object({
  /** The time of day, to the second. */
  clock: z.object({ place: overlayPlace }).nullable(),
  text: z.object({ text: z.string(), place: overlayPlace }).nullable(),
  logo: z.object({ path: pictureFile, place: overlayPlace }).nullable(),
});
export type Overlay = z.infer<typeof overlay>;
