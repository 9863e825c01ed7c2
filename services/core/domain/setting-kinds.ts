import { z } from 'zod';

/** Kinds of values that several settings take, each checked for the place that it goes to. */

export const hasNoCredentials = (text: string): boolean => {
  const url = parseUrl(text);
  return url === null || (url.username === '' && url.password === '');
};
export const integer = (minimum: number, maximum: number) => z.number().int().min(minimum).max(maximum);
export const even = (minimum: number, maximum: number) => integer(minimum, maximum).multipleOf(2);

/** Null for what is no address. */
export function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null; // what is wrong with it is said elsewhere
  }
}
