import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { viewerChannel } from '#core/protocol/channels/signaling-viewer.ts';
import type { Unstamped } from '#core/protocol/link/daemon.ts';
import type { IceServer, ServerToViewer, ViewerToServer } from '#core/protocol/signaling.ts';
import { decodeFromViewer, encodeToViewer } from '#core/protocol/watch-signal.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { deviceTurnUser, viewerTurnUser } from '../access/ice-servers.ts';
import type { ViewerIdentity } from '../access/viewer-identity.ts';
import { type Grant, noGrant } from '../domain/grant.ts';
import type { WatchedDevice, WatchSessions } from '../domain/watch-session.ts';
import type { Connection } from '../sockets/connection.ts';
import type { ConnectionEnd, Dialect, DialectSession } from '../sockets/dialect.ts';
import { encode, helloTimeoutMs, policyViolation, requestIdOf } from './signaling-words.ts';

interface Services {
  identity: Pick<ViewerIdentity, 'redeem'>;
  sessions: WatchSessions;
  /** The device of that id; null for one that isn't known here. */
  device: (deviceId: string) => Promise<WatchedDevice | null>;
  /** By the user in the TURN name. */
  iceServers: (turnUser: string) => IceServer[];
  clock: Clock;
  logger: Logger;
}

/** `/ws/viewer` (signaling.md, "Viewer Messages"): watch sessions of viewers who say hello with a token. */
export class ViewerSignaling implements Dialect<ViewerToServer, null> {
  readonly channel = viewerChannel;
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  /** Anybody may knock: who it is, hello says. */
  authorize(): null {
    return null;
  }

  open(connection: Connection): DialectSession<ViewerToServer> {
    return new ViewerSession(connection, this.#services);
  }
}

class ViewerSession implements DialectSession<ViewerToServer> {
  readonly #connection: Connection;
  readonly #services: Services;
  readonly #watching = new Set<string>();
  readonly #cancelHello: () => void;
  #userId: string | null = null;
  #grant: Grant = noGrant;
  #greeting = false;

  constructor(connection: Connection, services: Services) {
    this.#connection = connection;
    this.#services = services;
    this.#cancelHello = services.clock.after(helloTimeoutMs, () => this.#refuseHello('hello expected'));
  }

  receive(message: ViewerToServer): void {
    if (message.type === 'hello') {
      void this.#greet(message.payload.token, message.request_id);
      return;
    }
    if (this.#userId === null) {
      this.#refuseStranger(message.request_id);
      return;
    }
    this.#act(message, this.#userId);
  }

  refuse(error: OnairError, raw: unknown): void {
    this.#say({ type: 'error', payload: { message: error.message }, request_id: requestIdOf(raw) });
    if (this.#userId === null && !this.#greeting) this.#refuseHello('Unauthorized');
  }

  closed(how: ConnectionEnd): void {
    this.#cancelHello();
    if (how === 'restart') return; // who watches this box goes on: egress keeps them through a restart of control
    for (const sessionId of this.#watching) {
      if (!this.#services.sessions.has(sessionId)) continue;
      const reason = how === 'error' || how === 'policy' ? 'error' : 'viewer_disconnected';
      this.#services.sessions.end(sessionId, this.#userId ?? '', reason);
    }
    this.#watching.clear();
  }

  async #greet(token: string, requestId: string | undefined): Promise<void> {
    if (this.#userId !== null || this.#greeting) {
      this.#say({ type: 'error', payload: { message: 'hello was said already' }, request_id: requestId });
      return;
    }
    this.#greeting = true;
    try {
      const { id: viewerId, grant } = await this.#services.identity.redeem(token);
      this.#grant = grant;
      this.#connection.admittedBy(grant);
      this.#cancelHello();
      this.#userId = viewerId;
      const serverTime = new Date(this.#services.clock.nowMs()).toISOString();
      this.#say({
        type: 'hello_ack',
        payload: { user_id: viewerId, server_time: serverTime },
        request_id: requestId,
      });
    } catch {
      this.#say({ type: 'error', payload: { message: 'Invalid token' }, request_id: requestId });
      this.#refuseHello('Invalid token');
    }
  }

  #refuseStranger(requestId: string | undefined): void {
    this.#say({ type: 'error', payload: { message: 'Unauthorized' }, request_id: requestId });
    if (!this.#greeting) this.#refuseHello('hello comes first');
  }

  #refuseHello(why: string): void {
    const { remoteAddress } = this.#connection;
    this.#services.logger.warn({ remoteAddress, why }, 'a viewer was refused');
    this.#connection.close(policyViolation, why);
  }

  #act(message: Exclude<ViewerToServer, { type: 'hello' }>, userId: string): void {
    const { sessions } = this.#services;
    switch (message.type) {
      case 'heartbeat':
        this.#say({ type: 'heartbeat_ack', payload: {}, request_id: message.request_id });
        return;
      case 'watch_request':
        this.#watch(message.payload.device_id, userId, message.request_id).catch((error) =>
          this.refuse(
            error instanceof OnairError ? error : new OnairError('unavailable', 'Internal error'),
            message,
          ),
        );
        return;
      default:
        sessions.receiveFromViewer(userId, decodeFromViewer(message));
        if (message.type === 'end_watch') this.#watching.delete(message.payload.session_id);
    }
  }

  async #watch(deviceId: string, userId: string, requestId: string | undefined): Promise<void> {
    const device = await this.#services.device(deviceId);
    if (!this.#connection.open) return;
    if (!device) throw new OnairError('not-found', 'Device not found', { subject: 'device' });
    const { sessions, iceServers } = this.#services;
    sessions.open({
      viewerId: userId,
      way: 'watch',
      deviceId,
      device,
      iceServers: (id) => iceServers(deviceTurnUser(id)),
      grant: this.#grant,
      address: this.#connection.remoteAddress,
      watcher: {
        opened: (id) => {
          this.#watching.add(id);
          this.#say({
            type: 'watch_ready',
            payload: { session_id: id, ice_servers: iceServers(viewerTurnUser(userId, id)) },
            request_id: requestId,
          });
        },
        send: (signal) => {
          if (signal.kind === 'ended') {
            this.#watching.delete(signal.sessionId);
            if (signal.why) this.#say({ type: 'error', payload: { message: signal.why.message } });
          }
          this.#say(encodeToViewer(signal));
        },
      },
    });
  }

  #say(message: Unstamped<ServerToViewer>): void {
    this.#connection.send(encode(message, this.#services.clock.nowMs()));
  }
}
