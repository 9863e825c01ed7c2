import type { Socket } from 'node:net';
import { WebSocket } from 'ws';

/** Past this much unsent the client is behind, and what follows waits in its backlog. */
const behindBytes = 64 * 1024;

/**
 * One web socket with a bounded backlog: a client that does not read costs at most `behindBytes` and
 * `backlogMessages`; then its oldest messages are dropped, and it can be told.
 */
export class Connection {
  readonly id: string;
  readonly remoteAddress: string;
  readonly #socket: WebSocket;
  readonly #stream: Socket;
  readonly #backlogMessages: number;
  readonly #backlog: (string | Buffer)[] = [];
  #dropped = 0;
  #onCaughtUp: (dropped: number) => void = () => {};

  /** @param options.stream the TCP socket under the web socket, as the upgrade gave it */
  constructor(options: { id: string; socket: WebSocket; stream: Socket; backlogMessages: number }) {
    this.id = options.id;
    this.remoteAddress = options.stream.remoteAddress ?? '';
    this.#socket = options.socket;
    this.#stream = options.stream;
    this.#backlogMessages = options.backlogMessages;
  }

  get open(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Called with the number of messages lost once a client that was behind reads again. */
  set onCaughtUp(callback: (dropped: number) => void) {
    this.#onCaughtUp = callback;
  }

  /** Sends text (a Buffer is text that is encoded already, one encoding for many clients). */
  send(text: string | Buffer): void {
    if (!this.open) return;
    if (this.#backlog.length === 0 && this.#socket.bufferedAmount < behindBytes) this.#write(text);
    else this.#delay(text);
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

  #write(text: string | Buffer): void {
    this.#socket.send(text, { binary: false });
  }

  #delay(text: string | Buffer): void {
    if (this.#backlog.length === 0) this.#stream.once('drain', () => this.#flush());
    this.#backlog.push(text);
    if (this.#backlog.length <= this.#backlogMessages) return;
    this.#backlog.shift();
    this.#dropped += 1;
  }

  #flush(): void {
    if (!this.open) return;
    const dropped = this.#dropped;
    this.#dropped = 0;
    for (const text of this.#backlog.splice(0)) this.#write(text);
    if (dropped > 0) this.#onCaughtUp(dropped);
  }
}
