import { z } from 'zod';

/** Kinds of values that several settings take, each checked for the place that it goes to. */

export const hostname = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
  error: 'must be 1 to 63 of a-z, 0-9 and -, without a - at either end',
});
const port = '([1-9]\\d{0,3}|[1-5]\\d{4}|6[0-4]\\d{3}|65[0-4]\\d{2}|655[0-2]\\d|6553[0-5])';
/** RFC 7064 and 7065; it goes into a header of WHEP, so nothing but an address will do. */
const iceUrl = (schemes: 'stuns?' | 'turns?', example: string) =>
  z
    .string()
    .max(512)
    .regex(new RegExp(`^${schemes}:([\\w.-]+|\\[[\\da-f:.]+\\])(:${port})?(\\?transport=(udp|tcp))?$`, 'i'), {
      error: `must be like ${example}`,
    });
export const stunUrl = iceUrl('stuns?', 'stun:stun.example.org:3478');
export const turnUrl = iceUrl('turns?', 'turn:turn.example.org:3478?transport=udp');
/** RFC 1123 and underscores; names with other letters as browsers send them ("xn--..."). */
export const hostName = z
  .string()
  .max(253)
  .regex(/^[\w-]+(\.[\w-]+)*$/, {
    error: 'must be a host name like camera.example.org, without http:// and port',
  });
/** What an `Authorization: Bearer` header takes. */
export const headerToken = z
  .string()
  .max(256)
  .regex(/^[\x21-\x7e]+$/, { error: 'must be letters, digits and signs of ASCII, without blanks' });
/** It is a segment of an address, SRT's stream id and a Bearer token alike. */
export const ingestKey = z
  .string()
  .regex(/^[\w-]{8,64}$/, { error: 'must be 8 to 64 letters, digits, - and _' });
export const hasNoCredentials = (text: string): boolean => {
  const url = parseUrl(text);
  return url === null || (url.username === '' && url.password === '');
};
/** As the Redis client reads it: a database number is all that may follow the address. */
export const isRedisAddress = (text: string): boolean => {
  const url = parseUrl(text);
  return (
    url === null ||
    (/^(\/\d{0,9})?$/.test(url.pathname) && [url.username, url.password].every(isPercentEncoded))
  );
};
export const integer = (minimum: number, maximum: number) => z.number().int().min(minimum).max(maximum);
export const even = (minimum: number, maximum: number) => integer(minimum, maximum).multipleOf(2);

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null; // what is wrong with it is said elsewhere
  }
}

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
