import { connect } from 'node:net';
import { WebSocket } from 'ws';
import type { z } from 'zod';
import { EventHub } from '../domain/event-hub.ts';
import { type DaemonName, daemonRestart, type Unstamped } from '../protocol/link/daemon.ts';
import { version } from '../version.ts';
import { BackOff } from './back-off.ts';
import type { Logger } from './logger.ts';

interface Stamped {
  type: string;
  request_id?: string | undefined;
  ts: string;
  payload: unknown;
}

type LinkEvents<Incoming> = {
  /** The link is up and `daemon_hello` is sent: now say what control must know. */
  connected: undefined;
  disconnected: undefined;
  message: Incoming;
};

/** Control answers within milliseconds; one that hangs is tried again. */
const handshakeTimeoutMs = 5_000;
/** A client that has fallen this far behind (control hangs) loses fragments instead of filling memory. */
const maxBufferedBytes = 8 * 1024 * 1024;

interface Deps<Incoming extends Stamped> {
  daemon: DaemonName;
  socketPath: string;
  /** What checks a message of control. */
  incoming: Pick<z.ZodType<Incoming>, 'parse'>;
  logger: Logger;
}

/**
 * A daemon's end of the link: connects to control's Unix socket, says hello, checks every message
 * against its schema, and connects again (0.1 s doubling to 1 s) for as long as it is not closed.
 */
export class LinkClient<Incoming extends Stamped, Outgoing extends Stamped> {
  readonly events = new EventHub<LinkEvents<Incoming>>();
  readonly #deps: Deps<Incoming>;
  readonly #backOff = new BackOff({ firstMs: 100, maxMs: 1_000 });
  #socket: WebSocket | null = null;
  #retry: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(deps: Deps<Incoming>) {
    this.#deps = deps;
  }

  get connected(): boolean {
    return this.#socket?.readyState === WebSocket.OPEN;
  }

  start(): void {
    if (!this.#closed && this.#socket === null) this.#connect();
  }

  /** Sends if the link is up; a message that finds it down is dropped, since all is said again on connection. */
  send(message: Unstamped<Outgoing>): boolean {
    if (!this.connected) return false;
    this.#socket?.send(JSON.stringify({ ...message, ts: new Date().toISOString() }));
    return true;
  }

  /** Sends an encoded fragment; false where the link is down or too far behind to take it. */
  sendBinary(bytes: Uint8Array): boolean {
    if (!this.connected || (this.#socket?.bufferedAmount ?? 0) > maxBufferedBytes) return false;
    this.#socket?.send(bytes);
    return true;
  }

  close(): void {
    this.#closed = true;
    if (this.#retry) clearTimeout(this.#retry);
    this.#socket?.close(1000);
    this.#socket?.terminate();
    this.#socket = null;
    this.events.close();
  }

  #connect(): void {
    const socket = new WebSocket('ws://localhost/link', {
      createConnection: () => connect(this.#deps.socketPath), // in a ws+unix: URL a path with a blank or a colon breaks
      perMessageDeflate: false,
      handshakeTimeout: handshakeTimeoutMs,
    });
    this.#socket = socket;
    socket.on('open', () => {
      this.#backOff.reset();
      const hello = { daemon: this.#deps.daemon, pid: process.pid, version };
      socket.send(JSON.stringify({ type: 'daemon_hello', ts: new Date().toISOString(), payload: hello }));
      this.events.emit('connected');
    });
    socket.on('message', (data, isBinary) => {
      if (!isBinary) this.#receive(String(data));
    });
    socket.on('error', () => {}); // 'close' follows and tries again
    socket.on('close', () => this.#lost(socket));
  }

  #receive(text: string): void {
    let message: Incoming;
    try {
      const json: unknown = JSON.parse(text);
      if (daemonRestart.safeParse(json).success) {
        this.#deps.logger.info('control asks for a restart');
        process.kill(process.pid, 'SIGTERM');
        return;
      }
      message = this.#deps.incoming.parse(json);
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'control sent a message that this daemon does not know');
      return;
    }
    this.events.emit('message', message);
  }

  #lost(socket: WebSocket): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.events.emit('disconnected');
    if (this.#closed) return;
    this.#retry = setTimeout(() => this.#connect(), this.#backOff.next());
  }
}
