import { z } from 'zod';
import { setting } from '../setting-meta.ts';

const hostname = z.string().regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, {
  error: 'must be 1 to 63 of a-z, 0-9 and -, without a - at either end',
});
/** RFC 1123 and underscores; names with other letters as browsers send them ("xn--..."). */
const hostName = z
  .string()
  .max(253)
  .regex(/^[\w-]+(\.[\w-]+)*$/, {
    error: 'must be a host name like camera.example.org, without http:// and port',
  });

export const network = z.object({
  hostname: setting(hostname.default('onair'), {
    description: 'Name on the network, before .local',
    effect: 'address',
  }),
  wifi: z
    .object({
      country: setting(
        z
          .string()
          .regex(/^[A-Z]{2}$/, { error: 'must be two capital letters, like GB' })
          .nullable()
          .default(null),
        { description: 'Country whose radio rules hold (ISO 3166)', effect: 'none' },
      ),
      accessPoint: setting(z.boolean().default(true), {
        description: 'Open a protected network of its own where the box finds none',
        effect: 'none',
      }),
      accessPointPassphrase: setting(
        z
          .string()
          .regex(/^[ -~]{8,63}$/, { error: 'must be 8 to 63 letters, digits and signs of ASCII' })
          .nullable()
          .default(null),
        {
          description:
            'Passphrase of its own network: empty takes the one that the box made at its first start',
          effect: 'none',
          secret: true,
        },
      ),
    })
    .prefault({}),
  allowedHosts: setting(z.array(hostName).max(32).default([]), {
    description: 'More names under which browsers may call this box',
    effect: 'none',
  }),
});
