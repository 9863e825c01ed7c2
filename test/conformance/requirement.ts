import type { Context } from './context.ts';

export type Kind = 'whep' | 'whip';

/** The documents that the suite reads; the newest of each that could be read. */
export const documentOf: Record<Kind, string> = { whep: 'draft-ietf-wish-whep-04', whip: 'RFC 9725' };

/** One sentence of a document, and how to find out whether a server keeps it. One file each, in its group's folder. */
export interface Requirement {
  id: string;
  group: 'http' | 'sdp' | 'ice' | 'dtls' | 'rtp' | 'life';
  kinds: readonly Kind[];
  /** In the kind's own document ("4.3.1"), or in another ("RFC 8445, 7.3"). */
  section: string | Record<Kind, string>;
  level: 'MUST' | 'SHOULD' | 'MAY';
  /** In our own words. */
  requirement: string;
  /** Runs by itself, after all others: it needs the whole server. */
  alone?: true;
  /** @returns what was seen. @throws Failed, NotApplicable; anything else is a failure too */
  check(context: Context): Promise<string>;
}

/** The server does something else; the message is the evidence. */
export class Failed extends Error {}

/** The server, or this machine, has not what the sentence is about. */
export class NotApplicable extends Error {}

/** @throws Failed */
export function expect(holds: unknown, evidence: string): asserts holds {
  if (!holds) throw new Failed(evidence);
}

export const both: readonly Kind[] = ['whep', 'whip'];
