import { z } from 'zod';

/** What control tells the process that advertises. */
export interface Advertised {
  /** How lists of services call it: `device.name`. */
  name: string;
  port: number;
  /** RFC 6763, 6: short keys of printable ASCII. */
  txt: Readonly<Record<string, string>>;
}

/** What that process answers: it is known under this name now, or not, for this reason. */
export const advertiserReport = z.union([z.object({ known: z.string() }), z.object({ lost: z.string() })]);
export type AdvertiserReport = z.infer<typeof advertiserReport>;
