import { z } from 'zod';

/** C0 and C1 controls, marks that turn the direction of what follows, and halves of surrogate pairs. */
const unwanted = /[\p{Cc}\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * Text that people type and others read: a name, a title. Blanks around it are taken away; what is left shows
 * something and cannot disturb what stands beside it.
 * @param maxLength in UTF-16 code units, as everywhere in JavaScript
 */
export const typedText = (maxLength: number) =>
  z
    .string()
    .trim()
    .max(maxLength)
    .refine((text) => !unwanted.test(text), {
      error: 'must not contain control characters, or marks that turn the direction of text',
    })
    .refine((text) => text === '' || visible.test(text), { error: 'must have a visible character' });
