import { z } from 'zod';
import { hasNoCredentials, parseUrl } from '../setting-kinds.ts';
import { setting } from '../setting-meta.ts';

/** What an `Authorization: Bearer` header takes. */
const headerToken = z
  .string()
  .max(256)
  .regex(/^[\x21-\x7e]+$/, { error: 'must be letters, digits and signs of ASCII, without blanks' });
/** As the Redis client reads it: a database number is all that may follow the address. */
const isRedisAddress = (text: string): boolean => {
  const url = parseUrl(text);
  return (
    url === null ||
    (/^(\/\d{0,9})?$/.test(url.pathname) && [url.username, url.password].every(isPercentEncoded))
  );
};

export const hub = z.object({
  url: setting(
    z
      .url({ protocol: /^wss?$/, error: 'must be ws://ADDRESS or wss://ADDRESS' })
      .max(512)
      .refine(hasNoCredentials, { error: 'must not name a user or a password: the key goes into hub.key' })
      .nullable()
      .default(null),
    {
      description: 'Hub that this box joins as a device: ws://ADDRESS or wss://ADDRESS',
      effect: 'none',
    },
  ),
  key: setting(headerToken.nullable().default(null), {
    description: 'Key that enrolling this box at the hub returned',
    effect: 'none',
    secret: true,
  }),
  redisUrl: setting(
    z
      .url({ protocol: /^rediss?$/, error: 'must be redis://ADDRESS or rediss://ADDRESS' })
      .max(512)
      .refine(isRedisAddress, {
        error: 'must end with nothing but a database number, like redis://ADDRESS:6379/0',
      })
      .nullable()
      .default(null),
    {
      description: 'Redis for a hub of several processes: redis://ADDRESS:6379',
      effect: 'none',
      secret: true,
    },
  ),
});

function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
