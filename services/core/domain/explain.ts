import type { z } from 'zod';

/** What a schema found, as one readable sentence. */
export function explain(error: z.ZodError): string {
  return `${issuesOf(error)}.`;
}

/**
 * The same without its full stop.
 * @param at the key of what was checked
 */
export function issuesOf(error: z.ZodError, at = ''): string {
  return error.issues
    .slice(0, 8)
    .map(({ path, message: found, ...issue }) => {
      const key = [at, ...path].filter((part) => part !== '').join('.');
      const message = 'discriminator' in issue ? 'There is no such one' : found;
      return key === '' ? message : `${key}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
    })
    .join('; ');
}
