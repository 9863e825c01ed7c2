import type { WebSocket } from 'ws';
import type { z } from 'zod';
import { EventHub } from '#core/domain/event-hub.ts';
import { parseJson } from '#core/domain/json.ts';
import { decodeFragment, type Fragment } from '#core/protocol/fragment.ts';
import { type DaemonName, daemonHello, type Unstamped } from '#core/protocol/link/daemon.ts';
import { type FromEgress, fromEgress, type ToEgress } from '#core/protocol/link/egress.ts';
import { type FromMedia, fromMedia, type ToMedia } from '#core/protocol/link/media.ts';
import { type FromOutputs, fromOutputs, type ToOutputs } from '#core/protocol/link/outputs.ts';
import { type FromPanel, fromPanel, type ToPanel } from '#core/protocol/link/panel.ts';
import { type FromUpdate, fromUpdate, type ToUpdate } from '#core/protocol/link/update.ts';
import type { Logger } from '#core/runtime/logger.ts';

type LinkHostEvents = {
  /** A daemon is here (again): it is to be told what to do. */
  joined: { daemon: DaemonName };
  left: { daemon: DaemonName };
  media: FromMedia;
  egress: FromEgress;
  panel: FromPanel;
  outputs: FromOutputs;
  update: FromUpdate;
  fragment: Fragment;
};

interface DaemonConnection {
  socket: WebSocket;
  pid: number;
}

/**
 * Control's end of the link: which daemons are here, and what they say. One connection a daemon;
 * a second one takes the place of the first, which must be a leftover.
 */
export class LinkHost {
  readonly events = new EventHub<LinkHostEvents>();
  readonly #logger: Logger;
  readonly #deviceId: () => string;
  readonly #daemons = new Map<DaemonName, DaemonConnection>();

  constructor(options: { logger: Logger; deviceId: () => string }) {
    this.#logger = options.logger;
    this.#deviceId = options.deviceId;
  }

  /** Who is here, for `status` over the link and for health. */
  get daemons(): Partial<Record<DaemonName, { pid: number; up: true }>> {
    return Object.fromEntries([...this.#daemons].map(([name, { pid }]) => [name, { pid, up: true }]));
  }

  has(daemon: DaemonName): boolean {
    return this.#daemons.has(daemon);
  }

  /**
   * Takes over a socket that was opened at `/link`; its first message must be `daemon_hello`.
   * @param allowed the daemons that the socket is for
   */
  accept(socket: WebSocket, allowed: readonly DaemonName[]): void {
    socket.on('error', (error) => this.#logger.warn({ err: error }, 'a daemon broke the link'));
    socket.once('message', (data) => {
      const hello = daemonHello.safeParse(parseJson(String(data)));
      if (!hello.success) socket.close(1008, 'daemon_hello comes first');
      else if (!allowed.includes(hello.data.payload.daemon))
        socket.close(1008, `this is the link of ${allowed}`);
      else this.#join(socket, hello.data.payload);
    });
  }

  sendToMedia(message: Unstamped<ToMedia>): boolean {
    return this.#send('media', message);
  }

  sendToEgress(message: Unstamped<ToEgress>): boolean {
    return this.#send('egress', message);
  }

  sendToPanel(message: Unstamped<ToPanel>): boolean {
    return this.#send('panel', message);
  }

  sendToOutputs(message: Unstamped<ToOutputs>): boolean {
    return this.#send('outputs', message);
  }

  sendToUpdate(message: Unstamped<ToUpdate>): boolean {
    return this.#send('update', message);
  }

  /** Each ends itself, and its supervisor restarts it. @returns who was told */
  restartDaemons(): DaemonName[] {
    const told = [...this.#daemons.keys()];
    for (const daemon of told) this.#send(daemon, { type: 'daemon_restart', payload: {} });
    return told;
  }

  close(): void {
    for (const { socket } of this.#daemons.values()) socket.terminate();
  }

  #join(socket: WebSocket, { daemon, pid, version }: z.infer<typeof daemonHello>['payload']): void {
    const leftover = this.#daemons.get(daemon);
    if (leftover) {
      this.#leave(daemon, leftover.socket); // what it carried is gone, before the new one is told what to do
      leftover.socket.terminate();
    }
    this.#daemons.set(daemon, { socket, pid });
    this.#logger.info({ daemon, pid, version }, 'daemon joined');
    socket.on('message', (data, isBinary) => {
      if (this.#daemons.get(daemon)?.socket !== socket) return;
      if (isBinary) this.#receiveFragment(daemon, data as Buffer);
      else this.#receive(daemon, String(data));
    });
    socket.on('close', () => this.#leave(daemon, socket));
    this.#send(daemon, { type: 'daemon_welcome', payload: { device_id: this.#deviceId() } });
    this.events.emit('joined', { daemon });
  }

  #leave(daemon: DaemonName, socket: WebSocket): void {
    const connection = this.#daemons.get(daemon);
    if (connection?.socket !== socket) return;
    this.#daemons.delete(daemon);
    this.#logger.warn({ daemon, pid: connection.pid }, 'daemon left');
    this.events.emit('left', { daemon });
  }

  #receive(daemon: DaemonName, text: string): void {
    const json = parseJson(text);
    const known =
      this.#deliver(daemon, 'media', fromMedia, json) ||
      this.#deliver(daemon, 'egress', fromEgress, json) ||
      this.#deliver(daemon, 'panel', fromPanel, json) ||
      this.#deliver(daemon, 'outputs', fromOutputs, json) ||
      this.#deliver(daemon, 'update', fromUpdate, json);
    if (!known) this.#logger.warn({ daemon, text: text.slice(0, 200) }, 'a daemon sent an unknown message');
  }

  #deliver<Name extends 'media' | 'egress' | 'panel' | 'outputs' | 'update'>(
    daemon: DaemonName,
    name: Name,
    schema: z.ZodType<LinkHostEvents[Name]>,
    json: unknown,
  ): boolean {
    if (daemon !== name) return false;
    const parsed = schema.safeParse(json);
    if (parsed.success) this.events.emit(name, parsed.data);
    return parsed.success;
  }

  #receiveFragment(daemon: DaemonName, bytes: Buffer): void {
    if (daemon !== 'media') return;
    try {
      this.events.emit('fragment', decodeFragment(bytes));
    } catch (error) {
      this.#logger.warn({ err: error }, 'media sent a fragment that cannot be read');
    }
  }

  #send(daemon: DaemonName, message: { type: string; payload: unknown }): boolean {
    const connection = this.#daemons.get(daemon);
    if (!connection) return false;
    connection.socket.send(JSON.stringify({ ...message, ts: new Date().toISOString() }));
    return true;
  }
}
