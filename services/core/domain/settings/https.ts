import { z } from 'zod';
import { hasNoCredentials } from '../setting-kinds.ts';
import { setting } from '../setting-meta.ts';

/** A file that a program beside the box keeps. */
const filePath = z
  .string()
  .max(1_024)
  .regex(/^\/[^\p{C}]+$/u, { error: 'must be a whole path, like /etc/onair/tls/fullchain.pem' });

const httpAddress = z
  .url({ protocol: /^https?$/, error: 'must be https://ADDRESS' })
  .max(512)
  .refine(hasNoCredentials, { error: 'must not name a user or a password' });
const httpsAddress = httpAddress.refine((url) => url.startsWith('https:'), {
  error: 'must be https://ADDRESS',
});

const ownerFile = (what: string) =>
  setting(filePath.nullable().default(null), {
    description: `File with ${what} for a domain of yours (PEM), read again when it changes`,
    effect: 'none',
  });

const acme = z.object({
  domain: setting(
    z
      .string()
      .trim()
      .toLowerCase()
      .max(253)
      .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/, {
        error: 'must be a name like camera.example.org',
      })
      .refine((name) => !/\.(local|lan|internal|arpa|localhost)$/.test(name), {
        error: 'must be a public name: the box vouches for names of this network itself',
      })
      .nullable()
      .default(null),
    {
      description:
        'A domain of yours that points to the box: it asks an authority for a certificate that every browser knows',
      effect: 'none',
    },
  ),
  email: setting(z.email({ error: 'must be an e-mail address' }).max(254).nullable().default(null), {
    description: 'Address that the authority may write to when a certificate is about to end',
    effect: 'none',
  }),
  directoryUrl: setting(httpsAddress.default('https://acme-v02.api.letsencrypt.org/directory'), {
    description: 'The authority, by ACME: https://ADDRESS',
    effect: 'none',
  }),
  dnsUrl: setting(httpAddress.default('https://auth.acme-dns.io'), {
    description: 'acme-dns server at which the box proves the domain: https://ADDRESS',
    effect: 'none',
  }),
});

export const https = z.object({
  acme: acme.prefault({}),
  certificateFile: ownerFile('the certificate and its chain'),
  keyFile: ownerFile('its key'),
  mode: setting(z.enum(['auto', 'off', 'required']).default('auto'), {
    description: 'HTTPS: auto serves it beside HTTP, required sends browsers there, off leaves HTTP alone',
    effect: 'none',
  }),
  hsts: setting(z.boolean().default(false), {
    description:
      'Tell browsers to use HTTPS alone for a year (HSTS); only where the certificate is trusted everywhere',
    effect: 'none',
  }),
});
