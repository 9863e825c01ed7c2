import type { ClientToServer, ServerToClient } from '#core/protocol/streamsync.ts';
import { reconnectDelayMs } from '../player/reconnect-delay.ts';
import { SharedPace } from '../server/shared-pace.ts';

/** "joined from another connection" */
const replacedCode = 1000;

type Body = ClientToServer extends infer Message
  ? Message extends { type: infer Type; payload: infer Payload }
    ? { type: Type; payload: Payload }
    : never
  : never;

type Refusal = Extract<ServerToClient, { type: 'error' }>['payload'];

/** The box did not take what was said. */
export class SyncRefusal extends Error {
  readonly code: Refusal['code'] | 'lost';

  constructor(code: SyncRefusal['code'], message: string) {
    super(message);
    this.code = code;
  }
}

export interface SyncListener {
  /** Connected, at first or again: join now. */
  opened(): void;
  message(message: ServerToClient): void;
  lost(): void;
  /** Another tab has taken the place: nobody comes back by itself. */
  replaced(): void;
}

/** A StreamSync connection (`/ws/sync`) that comes back by itself; each request is answered or refused. */
export class SyncSocket {
  readonly #url: string;
  readonly #listener: SyncListener;
  readonly #pace: SharedPace;
  readonly #waiting = new Map<string, { resolve: () => void; reject: (error: SyncRefusal) => void }>();
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;
  #requests = 0;

  constructor(url: string, listener: SyncListener, pace = new SharedPace()) {
    this.#url = url;
    this.#listener = listener;
    this.#pace = pace;
  }

  start(): void {
    if (this.#socket === null) this.#connect();
  }

  close(): void {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
    this.#refuseAll();
  }

  /** @throws SyncRefusal */
  request(body: Body): Promise<void> {
    const requestId = String(this.#requests);
    this.#requests += 1;
    return new Promise((resolve, reject) => {
      if (this.#socket?.readyState !== WebSocket.OPEN) {
        reject(new SyncRefusal('lost', 'not connected'));
        return;
      }
      this.#waiting.set(requestId, { resolve, reject });
      this.#socket.send(JSON.stringify({ v: 1, requestId, ...body }));
    });
  }

  #connect(): void {
    clearTimeout(this.#timer);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#pace.reached();
    };
    socket.onmessage = ({ data }) => {
      if (this.#socket === socket) this.#hear(JSON.parse(String(data)));
    };
    socket.onclose = ({ code }) => {
      if (this.#socket !== socket) return;
      this.#refuseAll();
      if (code === replacedCode) {
        this.#socket = null;
        this.#listener.replaced();
        return;
      }
      this.#listener.lost();
      if (!opened) this.#pace.missed();
      const delayMs = Math.max(reconnectDelayMs(this.#attempt, true), this.#pace.waitMs);
      this.#timer = setTimeout(() => this.#connect(), delayMs);
      this.#attempt += 1;
    };
  }

  #hear(message: ServerToClient): void {
    const { type, payload } = message;
    if (type === 'server/hello') {
      this.#attempt = 0;
      this.#listener.opened();
    } else if (type === 'ack') {
      this.#waiting.get(payload.requestId)?.resolve();
      this.#waiting.delete(payload.requestId);
    } else if (type === 'error') {
      const { requestId = '', code, message: text } = payload;
      this.#waiting.get(requestId)?.reject(new SyncRefusal(code, text));
      this.#waiting.delete(requestId);
    } else this.#listener.message(message);
  }

  #refuseAll(): void {
    for (const { reject } of this.#waiting.values()) reject(new SyncRefusal('lost', 'connection lost'));
    this.#waiting.clear();
  }
}
