import { lancastDelayMs } from '../player/reconnect-delay.ts';
import { type LancastMessage, readLancast } from './messages.ts';
import type { SharedPace } from './shared-pace.ts';

/** A connection that neither opens nor fails in this time is given up: the box may have a new address. */
const openTimeoutMs = 5_000;

export interface LancastListener {
  message(message: LancastMessage): void;
  /** It had worked and broke. */
  lost(): void;
  /** It could not be opened. */
  missed(): void;
}

/** Keeps a LANCast connection for as long as the page is open ("Reconnection"). */
export class LancastSocket {
  readonly #url: string;
  readonly #listener: LancastListener;
  readonly #pace: SharedPace;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #attempt = 0;

  constructor(url: string, listener: LancastListener, pace: SharedPace) {
    this.#url = url;
    this.#listener = listener;
    this.#pace = pace;
  }

  /** Connects, unless it is connected or waits to try again. */
  start(): void {
    if (this.#socket === null && this.#timer === undefined) this.#connectIn(this.#pace.waitMs);
  }

  /** Something else found the network changed: don't wait for a dead connection to be noticed. */
  renew(): void {
    this.close();
    this.#connectIn(this.#pace.waitMs);
  }

  close(): void {
    this.#clearTimer();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #connectIn(delayMs: number): void {
    this.#clearTimer();
    if (delayMs <= 0) this.#connect();
    else this.#timer = setTimeout(() => this.#connect(), delayMs);
  }

  #clearTimer(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #connect(): void {
    this.#clearTimer();
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    let worked = false;
    this.#timer = setTimeout(() => socket.close(), openTimeoutMs);
    let opened = false;
    socket.onopen = () => {
      opened = true;
      this.#clearTimer();
      this.#pace.reached();
    };
    socket.onmessage = ({ data }) => {
      const message = this.#socket === socket ? readLancast(String(data)) : null;
      if (message === null) return;
      worked = true;
      // Only a status is a connection that works: being refused again and again must not be done quickly.
      if (message.type === 'status') this.#attempt = 0;
      this.#listener.message(message);
    };
    socket.onclose = () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (!opened) this.#pace.missed();
      this.#connectIn(Math.max(lancastDelayMs(this.#attempt), this.#pace.waitMs));
      this.#attempt += 1;
      if (worked) this.#listener.lost();
      else this.#listener.missed();
    };
  }
}
