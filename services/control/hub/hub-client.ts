import { WebSocket } from 'ws';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { deviceChannel } from '#core/protocol/channels/signaling-device.ts';
import type { Unstamped } from '#core/protocol/link/daemon.ts';
import { type DeviceToServer, type ServerToDevice, serverToDevice } from '#core/protocol/signaling.ts';
import {
  decodeToDevice,
  encodeToViewer,
  type SignalToDevice,
  type WatchRequest,
} from '#core/protocol/watch-signal.ts';
import { BackOff } from '#core/runtime/back-off.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { DevicePresence } from '../domain/devices.ts';
import type { WatchedDevice, WatchSessions } from '../domain/watch-session.ts';

/** signaling.md, "Heartbeat". */
const heartbeatEveryMs = 30_000;
const maxMessageBytes = 128 * 1024;

interface HubSettings {
  url: string | null;
  key: string | null;
}

interface Deps {
  settings: () => HubSettings;
  deviceId: () => string;
  device: WatchedDevice;
  sessions: WatchSessions;
  presence: () => DevicePresence;
  clock: Clock;
  logger: Logger;
  /** Told why the hub cannot be joined, and null once it is, or none is set. */
  onTrouble?: (problem: string | null) => void;
}

/**
 * This box as a device of a hub: what the hub's viewers ask for becomes watch sessions of this box's own egress,
 * counted with all the others. Connects again (1 s doubling to 30 s) for as long as a hub is set.
 */
export class HubClient {
  readonly #deps: Deps;
  readonly #onTrouble: (problem: string | null) => void;
  readonly #backOff = new BackOff({ firstMs: 1_000, maxMs: 30_000 });
  readonly #watching = new Map<string, string>();
  #socket: WebSocket | null = null;
  #joined: HubSettings = { url: null, key: null };
  #cancelRetry: () => void = () => {};
  #cancelHeartbeat: () => void = () => {};
  #admitted = false;
  #closed = false;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#onTrouble = deps.onTrouble ?? (() => {});
  }

  start(): void {
    this.applySettings();
  }

  /** Another hub, another key, or none. */
  applySettings(): void {
    const { url, key } = this.#deps.settings();
    if (this.#closed || (url === this.#joined.url && key === this.#joined.key)) return;
    this.#joined = { url, key };
    this.#leave();
    this.#backOff.reset();
    this.#onTrouble(null);
    if (url !== null) this.#connect();
  }

  /** How this box is has changed; before hello_ack it isn't told, and right after that it is anyway. */
  announcePresence(): void {
    this.#say({ type: 'device_presence', payload: this.#deps.presence() });
  }

  close(): void {
    this.#closed = true;
    this.#leave();
  }

  #connect(): void {
    const { url, key } = this.#joined;
    if (url === null) return;
    let socket: WebSocket;
    try {
      socket = new WebSocket(new URL(deviceChannel.path, url), {
        perMessageDeflate: false,
        maxPayload: maxMessageBytes,
        handshakeTimeout: 10_000,
        headers: key === null ? {} : { authorization: `Bearer ${key}` },
      });
    } catch (error) {
      this.#failed(error instanceof Error ? error.message : String(error));
      return;
    }
    this.#socket = socket;
    socket.on('open', () => this.#send({ type: 'hello', payload: { device_id: this.#deps.deviceId() } }));
    socket.on('message', (data, isBinary) => {
      if (!isBinary && this.#socket === socket) this.#receive(String(data));
    });
    socket.on('error', (error) => {
      if (this.#socket !== socket) return;
      this.#deps.logger.warn({ err: error.message }, 'the hub cannot be reached');
      this.#onTrouble(error.message || 'no answer');
    });
    socket.on('close', (code, reason) => this.#lost(socket, code, String(reason)));
  }

  /** A connection that could not even be tried. */
  #failed(problem: string): void {
    this.#deps.logger.warn({ err: problem }, 'the hub cannot be reached');
    this.#onTrouble(problem);
    this.#cancelRetry = this.#deps.clock.after(this.#backOff.next(), () => this.#connect());
  }

  #receive(text: string): void {
    let message: ServerToDevice;
    try {
      message = serverToDevice.parse(JSON.parse(text));
    } catch (error) {
      this.#deps.logger.warn({ err: error }, 'the hub sent a message that this box does not know');
      return;
    }
    try {
      this.#act(message);
    } catch (error) {
      // Another machine's message must not end this one, whatever it sets off.
      if (error instanceof OnairError)
        this.#deps.logger.info({ reason: error.message }, 'a viewer of the hub could not be served');
      else this.#deps.logger.error({ err: error }, 'a message of the hub could not be handled');
      if ('session_id' in message.payload) this.#refuse(message.payload.session_id);
    }
  }

  #act(message: ServerToDevice): void {
    switch (message.type) {
      case 'hello_ack':
        this.#greeted();
        return;
      case 'error':
        this.#deps.logger.warn({ message: message.payload.message }, 'the hub refused something');
        return;
      case 'heartbeat_ack':
        return;
      default:
        this.#relay(decodeToDevice(message));
    }
  }

  #relay(signal: SignalToDevice): void {
    const { sessionId } = signal;
    if (signal.kind === 'request') this.#watch(signal);
    else if (signal.kind === 'ended') this.#end(sessionId);
    else if (signal.kind === 'offer' || this.#watching.has(sessionId))
      this.#deps.sessions.receiveFromViewer(this.#viewerOf(sessionId), signal);
  }

  #greeted(): void {
    this.#deps.logger.info({ hub: this.#joined.url }, 'joined the hub');
    this.#backOff.reset();
    this.#admitted = true;
    this.#onTrouble(null);
    this.announcePresence();
    this.#cancelHeartbeat();
    this.#cancelHeartbeat = this.#deps.clock.every(heartbeatEveryMs, () =>
      this.#say({ type: 'heartbeat', payload: {} }),
    );
  }

  #watch({ sessionId, userId, iceServers }: WatchRequest): void {
    if (this.#watching.has(sessionId) || this.#deps.sessions.has(sessionId)) return;
    const viewerId = `hub-${userId}`;
    this.#watching.set(sessionId, viewerId);
    this.#deps.sessions.open({
      id: sessionId,
      viewerId,
      way: 'watch',
      deviceId: this.#deps.deviceId(),
      device: this.#deps.device,
      iceServers: () => iceServers,
      watcher: {
        send: (signal) => {
          if (signal.kind === 'ended') this.#watching.delete(sessionId);
          this.#say(encodeToViewer(signal));
        },
      },
    });
  }

  /** @throws OnairError `not-found` */
  #viewerOf(sessionId: string): string {
    const viewerId = this.#watching.get(sessionId);
    if (viewerId === undefined)
      throw new OnairError('not-found', 'Session not found', { subject: 'session' });
    return viewerId;
  }

  #refuse(sessionId: string): void {
    this.#watching.delete(sessionId);
    this.#say({ type: 'watch_ended', payload: { session_id: sessionId, reason: 'error' } });
  }

  #end(sessionId: string): void {
    const viewerId = this.#watching.get(sessionId);
    this.#watching.delete(sessionId);
    if (viewerId !== undefined && this.#deps.sessions.has(sessionId)) {
      this.#deps.sessions.end(sessionId, viewerId, 'viewer_disconnected');
    }
  }

  /** Viewers who are connected already go on without the hub: only signaling went through it. */
  #lost(socket: WebSocket, code: number, reason: string): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.#admitted = false;
    this.#cancelHeartbeat();
    if (this.#closed || this.#joined.url === null) return;
    this.#deps.logger.warn({ hub: this.#joined.url, code, reason }, 'the hub is gone, trying again');
    if (reason !== '') this.#onTrouble(reason);
    this.#cancelRetry = this.#deps.clock.after(this.#backOff.next(), () => this.#connect());
  }

  #leave(): void {
    this.#cancelRetry();
    this.#cancelHeartbeat();
    for (const sessionId of [...this.#watching.keys()]) this.#end(sessionId);
    const socket = this.#socket;
    this.#socket = null;
    this.#admitted = false;
    socket?.close(1000);
  }

  /** "Don't send other messages before hello_ack". */
  #say(message: Unstamped<DeviceToServer>): void {
    if (this.#admitted) this.#send(message);
  }

  #send(message: Unstamped<DeviceToServer>): void {
    if (this.#socket?.readyState !== WebSocket.OPEN) return;
    this.#socket.send(JSON.stringify({ ...message, ts: new Date(this.#deps.clock.nowMs()).toISOString() }));
  }
}
