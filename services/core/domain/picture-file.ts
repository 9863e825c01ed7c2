import { z } from 'zod';

/** A picture in a file, by its absolute path. */
export const pictureFile = z
  .string()
  .max(1024)
  .regex(/^(file:)?\/[^\0]+$/, { error: 'must be the absolute path of a PNG or JPEG picture' });
