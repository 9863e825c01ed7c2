import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { explain } from '#core/domain/explain.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { HoldGrant } from '../domain/grant.ts';
import { RateLimit } from '../domain/rate-limit.ts';
import { problemOf } from '../http/problem.ts';
import { refuseUpgrade } from '../http/refuse-upgrade.ts';
import { matchPath } from '../http/router.ts';
import { Connection } from './connection.ts';
import { ConnectionLimits } from './connection-limits.ts';
import type { ConnectionEnd, Dialect, DialectSession } from './dialect.ts';
import { UnfinishedMessages } from './unfinished-messages.ts';

/** Fine enough for timeouts that the documents print, cheap enough for every connection. */
const sweepEveryMs = 1_000;
/** A timer may be this early or late: a ping that is due every 5 s must not come after 6. */
const sweepSlackMs = 500;
/** A client that goes on after this many refusals for its rate within the time below is closed. */
const maxRateRefusals = 50;
const rateRefusalsForgottenMs = 5_000;
/** At a restart, how long clients may take to read what they were told last. */
const farewellMs = 300;

interface Entry {
  readonly dialect: Dialect;
  readonly connection: Connection;
  readonly socket: WebSocket;
  readonly session: DialectSession<unknown>;
  readonly rate: RateLimit;
  rateRefusals: number;
  heardAtMs: number;
  pingedAtMs: number;
  /** Why this side ends it; null where the client does. */
  ending: ConnectionEnd | null;
}

interface Deps {
  dialects: readonly Dialect[];
  clock: Clock;
  logger: Logger;
  hold?: HoldGrant;
}

/** Serves every web socket dialect on one port: what they have in common is here and nowhere else. */
export class SocketHost {
  readonly #dialects: { dialect: Dialect; server: WebSocketServer }[];
  readonly #deps: Deps;
  readonly #entries = new Set<Entry>();
  readonly #limits: ConnectionLimits;
  readonly #unfinished: UnfinishedMessages;
  #droppedBefore = 0;
  #stopSweep: () => void = () => {};
  #forgottenAtMs = 0;

  /** @param deps.hold ends connections whose right has ended */
  constructor(deps: Deps) {
    this.#deps = deps;
    this.#limits = new ConnectionLimits({ clock: deps.clock });
    this.#unfinished = new UnfinishedMessages({ clock: deps.clock });
    this.#dialects = deps.dialects.map((dialect) => ({
      dialect,
      server: new WebSocketServer({
        noServer: true,
        maxPayload: dialect.channel.limits.maxMessageBytes,
        perMessageDeflate: false,
        clientTracking: false,
      }),
    }));
  }

  get connections(): number {
    return this.#entries.size;
  }

  /** How many clients each dialect has, by its name. */
  get connectionsByDialect(): ReadonlyMap<string, number> {
    const counts = new Map(this.#dialects.map(({ dialect }) => [dialect.channel.name, 0]));
    for (const { dialect } of this.#entries)
      counts.set(dialect.channel.name, (counts.get(dialect.channel.name) ?? 0) + 1);
    return counts;
  }

  /** Messages that clients lost since they did not read them in time. */
  get droppedMessages(): number {
    let dropped = this.#droppedBefore;
    for (const { connection } of this.#entries) dropped += connection.dropped;
    return dropped;
  }

  start(): void {
    this.#stopSweep = this.#deps.clock.every(sweepEveryMs, () => this.#sweep());
  }

  /** Takes a checked upgrade request (host and origin are right) to its dialect, or answers it as HTTP. */
  async upgrade(request: IncomingMessage, stream: Socket, head: Buffer, url: URL): Promise<void> {
    stream.on('error', () => stream.destroy());
    try {
      const address = stream.remoteAddress ?? '';
      this.#limits.connect(address);
      const { dialect, server, params } = this.#find(url.pathname);
      const principal = await dialect.authorize({ request, url, params });
      if (stream.destroyed) return;
      this.#limits.requireRoom(address);
      dialect.admit?.(principal);
      server.handleUpgrade(request, stream, head, (socket) => this.#open(dialect, socket, stream, principal));
    } catch (error) {
      refuseUpgrade(stream, problemOf(error, this.#deps.logger));
    }
  }

  /** Closes every connection with 1001 "going away"; what was sent before is read before the end, where it is read. */
  async close(): Promise<void> {
    this.#stopSweep();
    const entries = [...this.#entries];
    for (const entry of entries) entry.ending = 'restart';
    const sockets = entries.map(({ socket }) => socket);
    for (const socket of sockets) socket.close(1001, 'the box is restarting');
    if (sockets.length > 0) await allClosed(sockets, farewellMs);
    for (const socket of sockets) socket.terminate();
    this.#entries.clear();
  }

  #find(pathname: string): { dialect: Dialect; server: WebSocketServer; params: Record<string, string> } {
    for (const { dialect, server } of this.#dialects) {
      const params = matchPath(dialect.channel.path, pathname);
      if (params) return { dialect, server, params };
    }
    throw new OnairError('not-found', `There is no web socket at ${pathname.slice(0, 200)}.`, {
      subject: 'path',
    });
  }

  #open(dialect: Dialect, socket: WebSocket, stream: Socket, principal: unknown): void {
    const { backlogMessages, messagesPerSecond, burstMessages } = dialect.channel.limits;
    const nowMs = this.#deps.clock.monotonicMs();
    const connection = new Connection({
      id: randomUUID(),
      socket,
      stream,
      backlogMessages,
      ...(this.#deps.hold ? { hold: this.#deps.hold } : {}),
    });
    let broken = false;
    socket.on('error', () => {
      broken = true; // a broken frame, or too large a message: 'close' follows
    });
    const session = this.#session(dialect, connection, principal);
    if (!session) return;
    const rate = new RateLimit({ ratePerSecond: messagesPerSecond, burst: burstMessages, nowMs });
    const entry: Entry = {
      dialect,
      connection,
      socket,
      session,
      rate,
      rateRefusals: 0,
      heardAtMs: nowMs,
      pingedAtMs: nowMs,
      ending: null,
    };
    const closed = this.#limits.opened(connection.remoteAddress);
    this.#unfinished.watch(stream, (why) => this.#expel(entry, why));
    connection.onCaughtUp = (dropped) => session.caughtUp?.(dropped);
    connection.onAccessEnded = () => {
      entry.ending = 'policy';
      session.expel?.('You may no longer watch');
    };
    this.#entries.add(entry);
    socket.on('pong', () => {
      entry.heardAtMs = this.#deps.clock.monotonicMs();
      session.latencyMeasured?.(Math.max(0, Math.round(entry.heardAtMs - entry.pingedAtMs)));
    });
    socket.on('ping', () => {
      entry.heardAtMs = this.#deps.clock.monotonicMs();
    });
    socket.on('message', (data, isBinary) => this.#receive(entry, data as Buffer, isBinary));
    socket.on('close', (code) => {
      closed();
      if (this.#entries.delete(entry)) this.#droppedBefore += connection.dropped;
      session.closed(entry.ending ?? (broken ? 'error' : code === 1006 ? 'broken' : 'closed'));
    });
  }

  #session(dialect: Dialect, connection: Connection, principal: unknown): DialectSession<unknown> | null {
    try {
      return dialect.open(connection, principal);
    } catch (error) {
      this.#unexpected(error);
      connection.close(1011, 'internal error');
      return null;
    }
  }

  #receive(entry: Entry, data: Buffer, isBinary: boolean): void {
    const { session, dialect } = entry;
    if (entry.socket.readyState !== WebSocket.OPEN) return; // it was closed, and this came after
    entry.heardAtMs = this.#deps.clock.monotonicMs();
    let raw: unknown;
    try {
      if (!entry.rate.take(entry.heardAtMs)) {
        if (this.#floods(entry)) return;
        raw = isBinary ? undefined : jsonOrNothing(data); // for the id of the request: it gets its answer, too
        throw new OnairError('rate-limited', 'Too many messages; this one was not read.');
      }
      if (isBinary) throw new OnairError('invalid-message', 'Messages are JSON text, not binary.');
      raw = parseJson(data);
      const parsed = dialect.channel.incoming.safeParse(raw);
      if (!parsed.success) throw new OnairError('invalid-message', explain(parsed.error));
      session.receive(parsed.data);
    } catch (error) {
      session.refuse(error instanceof OnairError ? error : this.#unexpected(error), raw);
    }
  }

  /** One refusal more; whether that were too many, and the connection is closed. */
  #floods(entry: Entry): boolean {
    entry.rateRefusals += 1;
    if (entry.rateRefusals <= maxRateRefusals) return false;
    const { connection, dialect, session, socket } = entry;
    const { remoteAddress } = connection;
    this.#deps.logger.warn({ protocol: dialect.channel.name, remoteAddress }, 'closed: too many messages');
    entry.ending = 'policy';
    session.expel?.('Too many messages');
    socket.close(1008, 'too many messages');
    return true;
  }

  /** Ends a connection that keeps memory and finishes nothing: nothing that it may still send is waited for. */
  #expel(entry: Entry, why: string): void {
    const { connection, dialect, session, socket } = entry;
    this.#deps.logger.warn(
      { protocol: dialect.channel.name, remoteAddress: connection.remoteAddress },
      `closed: ${why}`,
    );
    entry.ending ??= 'policy';
    session.expel?.('Unfinished message');
    socket.close(1008, why);
    socket.terminate();
  }

  #unexpected(error: unknown): OnairError {
    const problem = problemOf(error, this.#deps.logger);
    return new OnairError('unavailable', problem.title);
  }

  #sweep(): void {
    const nowMs = this.#deps.clock.monotonicMs();
    const forget = nowMs - this.#forgottenAtMs >= rateRefusalsForgottenMs;
    if (forget) this.#forgottenAtMs = nowMs;
    for (const entry of this.#entries) {
      if (forget) entry.rateRefusals = 0;
      const { heartbeat } = entry.dialect.channel.limits;
      if (!heartbeat) continue;
      if (nowMs - entry.heardAtMs >= heartbeat.timeoutMs) {
        entry.ending = 'silent';
        entry.socket.terminate();
      } else if (nowMs - entry.pingedAtMs >= heartbeat.pingEveryMs - sweepSlackMs) {
        entry.pingedAtMs = nowMs;
        entry.socket.ping();
      }
    }
    this.#unfinished.sweep();
    this.#limits.sweep();
  }
}

function jsonOrNothing(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    return undefined;
  }
}

async function allClosed(sockets: readonly WebSocket[], withinMs: number): Promise<void> {
  const closed = sockets.map(
    (socket) =>
      new Promise<void>((resolve) => {
        if (socket.readyState === WebSocket.CLOSED) resolve();
        else socket.once('close', () => resolve());
      }),
  );
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    Promise.all(closed),
    new Promise<void>((resolve) => {
      timer = setTimeout(resolve, withinMs);
    }),
  ]);
  clearTimeout(timer);
}

function parseJson(data: Buffer): unknown {
  try {
    return JSON.parse(data.toString('utf8'));
  } catch {
    throw new OnairError('invalid-message', 'The message is not JSON.');
  }
}
