import { z } from 'zod';

/** Marks that turn the direction of what follows, and halves of surrogate pairs. */
const disturbing = String.raw`\p{Cs}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069`;
/** With C0 and C1 controls, line breaks among them. */
const unwanted = new RegExp(`[\\p{Cc}${disturbing}]`, 'u');
const unwantedInLines = new RegExp(`(?!\\t|\\r?\\n)[\\p{Cc}${disturbing}]`, 'u');
/** What takes up no place, or shows nothing in it: fillers of Hangul are letters, the empty Braille pattern is a symbol. */
const invisible = /[\p{Default_Ignorable_Code_Point}\u2800]/gu;
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;

const clean = (maxLength: number, refused: RegExp) =>
  z
    .string()
    .trim()
    .max(maxLength)
    .refine((text) => !refused.test(text), {
      error: 'must not contain control characters, or marks that turn the direction of text',
    })
    .refine((text) => text === '' || visible.test(text.replace(invisible, '')), {
      error: 'must have a visible character',
    });

/**
 * Text that people type and others read: a name, a title. Blanks around it are taken away; what is left shows
 * something and cannot disturb what stands beside it.
 * @param maxLength in UTF-16 code units, as everywhere in JavaScript
 */
export const typedText = (maxLength: number) => clean(maxLength, unwanted);

/** The same in lines: what is said in a chat. */
export const typedLines = (maxLength: number) => clean(maxLength, unwantedInLines);
