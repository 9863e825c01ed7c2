import { z } from 'zod';
import type { KeyPair } from '../http/tls-options.ts';

const keyPair: z.ZodType<KeyPair> = z.object({ key: z.string(), certificate: z.string() });

/** What the process that makes certificates reads from its standard input. */
export const certificateOrder = z.object({
  /** The authority there is; null makes one. */
  authority: keyPair.nullable(),
  authorityName: z.string(),
  commonName: z.string(),
  domains: z.array(z.string()),
  addresses: z.array(z.string()),
  /** Where the list of what the authority has revoked can be had; null for nowhere. */
  revokedUrl: z.string().nullable(),
  authorityFrom: z.iso.datetime(),
  authorityUntil: z.iso.datetime(),
  from: z.iso.datetime(),
  until: z.iso.datetime(),
});
export type CertificateOrder = z.infer<typeof certificateOrder>;

/** What it writes to its standard output. */
export const certificateDelivery = z.object({
  authority: keyPair,
  leaf: keyPair,
  /** The authority's list of revoked certificates (RFC 5280, 5), DER in base64: there are none. */
  revoked: z.string(),
});
export type CertificateDelivery = z.infer<typeof certificateDelivery>;
