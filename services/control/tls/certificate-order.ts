import { z } from 'zod';

/** A private key and the certificate of its public half, both PEM. */
export const keyPair = z.object({ key: z.string(), certificate: z.string() });
export type KeyPair = z.infer<typeof keyPair>;

/** What the process that makes certificates reads from its standard input. */
export const certificateOrder = z.object({
  /** The authority there is; null makes one. */
  authority: keyPair.nullable(),
  authorityName: z.string(),
  commonName: z.string(),
  domains: z.array(z.string()),
  addresses: z.array(z.string()),
  authorityFrom: z.iso.datetime(),
  authorityUntil: z.iso.datetime(),
  from: z.iso.datetime(),
  until: z.iso.datetime(),
});
export type CertificateOrder = z.infer<typeof certificateOrder>;

/** What it writes to its standard output. */
export const certificateDelivery = z.object({ authority: keyPair, leaf: keyPair });
export type CertificateDelivery = z.infer<typeof certificateDelivery>;
