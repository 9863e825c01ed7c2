import { z } from 'zod';

/** Where the box may set the text record by which it proves a domain: an account at an acme-dns server. */
export const dnsAccount = z.object({
  username: z.string(),
  password: z.string(),
  subdomain: z.string(),
  /** What the owner's `_acme-challenge` points to. */
  fulldomain: z.string(),
});
export type DnsAccount = z.infer<typeof dnsAccount>;

/** What the process that asks for certificates reads from its standard input. */
export const acmeOrder = z.discriminatedUnion('step', [
  z.object({ step: z.literal('account'), dnsUrl: z.string() }),
  z.object({
    step: z.literal('certificate'),
    directoryUrl: z.string(),
    /** PEM. */
    accountKey: z.string(),
    email: z.string().nullable(),
    domain: z.string(),
    dnsUrl: z.string(),
    dns: dnsAccount,
  }),
]);
export type AcmeOrder = z.infer<typeof acmeOrder>;

/** What it writes to its standard output, by step. */
export const accountDelivery = z.object({ accountKey: z.string(), dns: dnsAccount });
export const acmeDelivery = z.object({ key: z.string(), chain: z.string() });
