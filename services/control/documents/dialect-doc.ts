import type { z } from 'zod';

/** What the documents say of a dialect, beside what it says itself (path, limits, incoming messages). */
export interface DialectDoc {
  /** As it is called in its specification. */
  title: string;
  /** One sentence. */
  summary: string;
  /** What the box sends: a union of messages, told apart by a literal field. */
  outgoing: z.ZodType;
  /** How a client proves who it is. */
  admission: string;
  /** Query parameters of the upgrade. */
  query?: Readonly<Record<string, { description: string; required: boolean }>>;
  /** By code: when the box closes with it. */
  closeCodes: Readonly<Record<number, string>>;
}

/** Close codes that every dialect has, from the socket host that serves them all. */
export const commonCloseCodes: Readonly<Record<number, string>> = {
  1001: 'the box is restarting',
  1008: 'more than 50 messages within 5 s were refused for their rate',
  1009: 'a message is larger than the limit',
  1011: 'a fault of the box; its log says more',
};
