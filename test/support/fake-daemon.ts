import { EventEmitter } from 'node:events';
import type { WebSocket } from 'ws';
import type { LinkHost } from '#control/link/link-host.ts';
import { encodeFragment, type Fragment } from '#core/protocol/fragment.ts';
import type { DaemonName } from '#core/protocol/link/daemon.ts';

interface Message {
  type: string;
  payload: Record<string, unknown>;
}

/** A daemon on the link without a socket: what it says is heard at once, what it is told is kept. */
export class FakeDaemon {
  readonly #name: DaemonName;
  readonly #link: LinkHost;
  #socket = new EventEmitter();
  #told: Message[] = [];

  constructor(name: DaemonName, link: LinkHost) {
    this.#name = name;
    this.#link = link;
  }

  join(): this {
    const socket = new EventEmitter();
    this.#socket = socket;
    Object.assign(socket, {
      send: (text: string) => this.#told.push(JSON.parse(text)),
      terminate: () => socket.emit('close'),
      close: () => socket.emit('close'),
    });
    this.#link.accept(socket as unknown as WebSocket, [this.#name]);
    this.say('daemon_hello', { daemon: this.#name, pid: 4711, version: '0' });
    return this;
  }

  say(type: string, payload: object): void {
    const message = JSON.stringify({ type, ts: '2026-01-02T03:04:05.000Z', payload });
    this.#socket.emit('message', Buffer.from(message), false);
  }

  send(fragment: Fragment): void {
    this.#socket.emit('message', Buffer.from(encodeFragment(fragment)), true);
  }

  /** Its process dies. */
  leave(): void {
    this.#socket.emit('close');
  }

  /** What it was told since the last call; with a type, only messages of that. */
  told(type?: string): Message[] {
    const told = this.#told.splice(0);
    return type === undefined ? told : told.filter((message) => message.type === type);
  }

  /** The types of what it was told since the last call. */
  toldTypes(): string[] {
    return this.told().map(({ type }) => type);
  }
}
