import type { IncomingMessage } from 'node:http';
import type { OnairError } from '#core/domain/errors.ts';
import type { Channel } from '#core/protocol/channel.ts';
import type { Connection } from './connection.ts';

/** A request to open a web socket, before it is accepted. */
export interface Upgrade {
  request: IncomingMessage;
  url: URL;
  params: Readonly<Record<string, string>>;
}

/**
 * How a connection ended: `closed` by a close frame, `broken` without one, `silent` (cut off for its silence), `error`
 * (what came was no web socket protocol, or too large), `policy` (cut off by the rules), `restart` (the box
 * goes down, and what it serves by other ways goes on).
 */
export type ConnectionEnd = 'closed' | 'broken' | 'silent' | 'error' | 'policy' | 'restart';

/** What happens on one connection of a dialect. */
export interface DialectSession<Incoming> {
  receive(message: Incoming): void;
  /**
   * A message that was refused: `invalid-message` (not JSON, not in the schema), `unknown-command`,
   * `rate-limited`, or whatever `receive` threw. The session says so in its dialect's words.
   * @param raw what was parsed, if it was JSON, for a request id to answer to
   */
  refuse(error: OnairError, raw: unknown): void;
  /** The client was behind and lost so many messages. */
  caughtUp?(dropped: number): void;
  /** The round trip of a web socket ping. */
  latencyMeasured?(latencyMs: number): void;
  /** It breaks the rules, or its right has ended, and is about to be closed with 1008: a dialect with a word for it says so. */
  expel?(reason: string): void;
  closed(how: ConnectionEnd): void;
}

/**
 * A protocol on a path: it renames between wire and domain and decides nothing. The socket host does what all
 * have in common: upgrade checks, sizes, schema, heartbeat, backlog, rate.
 */
export interface Dialect<Incoming = unknown, Principal = unknown> {
  /** Path, limits and messages, as core/protocol/channels declares them. */
  readonly channel: Channel<Incoming>;
  /**
   * Before the upgrade.
   * @throws OnairError or HttpProblem, answered as HTTP
   */
  authorize(upgrade: Upgrade): Promise<Principal> | Principal;
  /**
   * The last word before the upgrade, in the same turn as `open`: nobody comes between what is checked here
   * (room for one more, say) and what `open` does.
   * @throws as `authorize`
   */
  admit?(principal: Principal): void;
  open(connection: Connection, principal: Principal): DialectSession<Incoming>;
}
