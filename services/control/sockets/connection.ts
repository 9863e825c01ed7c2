import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import type { Grant, HoldGrant } from '../domain/grant.ts';

const asText = { binary: false };

/** A client whose right has ended, and who doesn't close, is cut off after this. */
const endedLingersMs = 2_000;

/**
 * One web socket with a bounded backlog: a client that does not read costs what the system buffers for it, and
 * `backlogMessages`; then its oldest messages are dropped, and it can be told.
 */
export class Connection {
  readonly id: string;
  readonly remoteAddress: string;
  readonly #socket: WebSocket;
  readonly #backlogMessages: number;
  readonly #backlog: (string | Buffer)[] = [];
  readonly #hold: HoldGrant;
  #release: () => void = () => {};
  /** A message waits in the socket until the network takes it; what follows waits in the backlog. */
  #behind = false;
  #dropped = 0;
  #droppedInAll = 0;
  #onCaughtUp: (dropped: number) => void = () => {};
  #onAccessEnded: () => void = () => {};

  /** @param options.stream the TCP socket under the web socket, as the upgrade gave it */
  constructor(options: {
    id: string;
    socket: WebSocket;
    stream: Socket;
    backlogMessages: number;
    hold?: HoldGrant;
  }) {
    this.id = options.id;
    this.remoteAddress = options.stream.remoteAddress ?? '';
    this.#socket = options.socket;
    this.#backlogMessages = options.backlogMessages;
    this.#hold = options.hold ?? (() => () => {});
    this.#socket.once('close', () => this.#release());
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** How many messages were dropped since it opened. */
  get dropped(): number {
    return this.#droppedInAll;
  }

  /**
   * Called with the number of messages lost once a client that was behind reads again; what it sends goes where
   * the gap is, before the rest of the backlog.
   */
  set onCaughtUp(callback: (dropped: number) => void) {
    this.#onCaughtUp = callback;
  }

  /** Called before it is closed since its right has ended: the last that may be sent. */
  set onAccessEnded(callback: () => void) {
    this.#onAccessEnded = callback;
  }

  /** By what right it is open: once that ends, so does the connection (1008). */
  admittedBy(grant: Grant): void {
    this.#release();
    this.#release = this.#hold(grant, () => {
      this.#onAccessEnded();
      this.close(1008, 'access has ended');
      const timer = setTimeout(() => this.terminate(), endedLingersMs);
      this.#socket.once('close', () => clearTimeout(timer));
    });
  }

  /** Sends text (a Buffer is text that is encoded already, one encoding for many clients). */
  send(text: string | Buffer): void {
    if (!this.open) return;
    if (this.#behind) this.#delay(text);
    else if (this.#socket.bufferedAmount === 0) this.#socket.send(text, asText);
    else {
      this.#behind = true;
      this.#socket.send(text, asText, () => this.#catchUp());
    }
  }

  /** Closes with a code of the dialect; a client that doesn't answer within ws's own 30 s is cut off. */
  close(code: number, reason: string): void {
    this.#backlog.length = 0;
    this.#socket.close(code, reason);
  }

  /** Cuts off, without a word. */
  terminate(): void {
    this.#backlog.length = 0;
    this.#socket.terminate();
  }

  #delay(text: string | Buffer): void {
    this.#backlog.push(text);
    if (this.#backlog.length <= this.#backlogMessages) return;
    this.#backlog.shift();
    this.#dropped += 1;
    this.#droppedInAll += 1;
  }

  #catchUp(): void {
    this.#behind = false;
    const dropped = this.#dropped;
    const waiting = this.#backlog.splice(0);
    this.#dropped = 0;
    if (!this.open) return;
    if (dropped > 0) this.#onCaughtUp(dropped);
    for (const text of waiting) this.send(text);
  }
}
