import type { z } from 'zod';

/** What one connection may do before it is refused. */
export interface ChannelLimits {
  readonly maxMessageBytes: number;
  readonly messagesPerSecond: number;
  readonly burstMessages: number;
  /** Messages kept for a client that is behind; then the oldest are dropped. */
  readonly backlogMessages: number;
  /** Web socket pings, and how long a client may be silent; null where the protocol has a heartbeat of its own. */
  readonly heartbeat: { readonly pingEveryMs: number; readonly timeoutMs: number } | null;
}

/** One web socket protocol as data: the socket host, the documents and clients read it. */
export interface Channel<Incoming = unknown> {
  readonly name: string;
  /** As in an endpoint: `/api/v1/streams/:stream_id/ws`. */
  readonly path: string;
  readonly limits: ChannelLimits;
  /** What clients send. */
  readonly incoming: z.ZodType<Incoming>;
  /** What the box sends: a union of messages, told apart by a literal field. */
  readonly outgoing: z.ZodType;
  /** As it is called in its specification. */
  readonly title: string;
  /** One sentence. */
  readonly summary: string;
  /** How a client proves who it is. */
  readonly admission: string;
  /** Query parameters of the upgrade. */
  readonly query?: Readonly<Record<string, { readonly description: string; readonly required: boolean }>>;
  /** By code: when the box closes with it, beside the common ones. */
  readonly closeCodes: Readonly<Record<number, string>>;
}

/** Declares a channel, keeping its exact type. */
export function channel<const C extends Channel>(definition: C): C {
  return definition;
}

/** Close codes that every channel has, from the socket host that serves them all. */
export const commonCloseCodes: Readonly<Record<number, string>> = {
  1001: 'the box is restarting',
  1008: 'more than 50 messages within 5 s were refused for their rate',
  1009: 'a message is larger than the limit',
  1011: 'a fault of the box; its log says more',
};
