import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import { EventHub } from '#core/domain/event-hub.ts';
import type { IceServer, WatchEndReason } from '#core/protocol/signaling.ts';
import type {
  SignalFromDevice,
  SignalFromViewer,
  SignalToDevice,
  SignalToViewer,
} from '#core/protocol/watch-signal.ts';
import type { Audience, Seat, WayIn } from './audience.ts';
import { type Grant, type HoldGrant, noGrant } from './grant.ts';
import { WatchPlace } from './watch-place.ts';

/** A device as watch sessions see it: this box's own egress is simply the first (signaling.md, "Signaling"). */
export interface WatchedDevice {
  readonly online: boolean;
  /**
   * Whether it is this box itself: its viewers are this box's audience, and it reports when a viewer's connection is
   * established. A device of the hub can't (signaling.md has no such message): its answer has to do.
   */
  readonly own: boolean;
  send(signal: SignalToDevice): void;
  /** The session is over, however it ended: what is kept of it may go. */
  forget?(sessionId: string): void;
}

/** Who watches: a web socket of `/ws/viewer`, or a WHEP request. */
export interface Watcher {
  /** The session exists; called before the device hears of it ("Successful Watch Session": `watch_ready` first). */
  opened?(sessionId: string): void;
  /** `ended`: without the watcher having asked for it. */
  send(signal: SignalToViewer): void;
}

/** By what the ICE session of a watch session is told from the one before (RFC 8839, 5.4). */
export interface IceNames {
  deviceUfrag: string;
  viewerUfrag: string;
}

interface WatchSession {
  readonly id: string;
  readonly viewerId: string;
  readonly deviceId: string;
  readonly device: WatchedDevice;
  readonly place: WatchPlace;
  watcher: Watcher | null;
  /** Of a session that the device kept. */
  readonly ice: IceNames | null;
  /** The device has said that packets go through: from then on only its word ends the session. */
  connected: boolean;
  cancelTimeout: () => void;
  /** Its right is looked after no longer. */
  release: () => void;
}

/** From request to connection; a viewer who sends no offer, or whose offer leads nowhere, gives the place back. */
const connectTimeoutMs = 30_000;
/** A bound on what viewers can make the box hold. */
const maxSessions = 10_000;
/** Of one device of the hub, whose viewers take no place here; each of its own boxes has its own limit. */
const maxSessionsPerDevice = 200;

/** Who watches what viewers see without being one of them; the device keeps the name through a restart of control. */
const previewPrefix = 'preview-';

/** The id under which an operator looks at what viewers see: it takes no place and is not counted. */
export function previewViewerId(id: string): string {
  return `${previewPrefix}${id}`;
}

/** What happens to watch sessions, for the log. */
export type WatchSessionEvents = {
  watchOpened: { sessionId: string; deviceId: string; viewerId: string };
  watchConnected: { sessionId: string; deviceId: string };
  watchEnded: { sessionId: string; deviceId: string; viewerId: string; reason: WatchEndReason };
};

interface Deps {
  audience: Audience;
  clock: Clock;
  newId: () => string;
  hold?: HoldGrant;
}

/** All watch sessions, whichever way they were asked for (signaling.md, "Watch Session Lifecycle"). */
export class WatchSessions {
  readonly events = new EventHub<WatchSessionEvents>();
  readonly #deps: Deps;
  readonly #hold: HoldGrant;
  readonly #sessions = new Map<string, WatchSession>();

  /** @param deps.hold ends sessions whose right has ended */
  constructor(deps: Deps) {
    this.#deps = deps;
    this.#hold = deps.hold ?? (() => () => {});
  }

  get size(): number {
    return this.#sessions.size;
  }

  has(sessionId: string): boolean {
    return this.#sessions.has(sessionId);
  }

  /**
   * Takes a place and asks the device.
   * @param options.iceServers those that the device gets, by the session's id
   * @returns the session's id
   * @throws OnairError `unavailable` where the device is offline, `full` without a place
   */
  open(options: {
    viewerId: string;
    way: WayIn;
    deviceId: string;
    device: WatchedDevice;
    iceServers: (sessionId: string) => IceServer[];
    watcher: Watcher;
    /** By what right; left out where a hub has seen to that. */
    grant?: Grant;
    /** Where the viewer is; none for a hub's. */
    address?: string;
    /** Given by the hub that asks for it; else made here. */
    id?: string;
  }): string {
    const { viewerId, deviceId, device, watcher, iceServers } = options;
    if (!device.online) {
      throw new OnairError('unavailable', 'Device is offline', { subject: 'device', retryAfterSeconds: 1 });
    }
    if (this.#sessions.size >= maxSessions) throw new OnairError('full', 'Too many watch sessions.');
    if (!device.own) this.#requireRoomAt(deviceId);
    const id = options.id ?? this.#deps.newId();
    const { way, address = '' } = options;
    const displaced = (): void => this.#finish(id, 'error');
    const place = this.#placeOf(device, viewerId, () =>
      this.#deps.audience.enter(viewerId, way, { address, displaced, offer: true }),
    );
    const cancelTimeout = this.#deps.clock.after(connectTimeoutMs, () => this.#finish(id, 'timeout'));
    const release = options.grant ? this.#hold(options.grant, () => this.#finish(id, 'error')) : () => {};
    const session: WatchSession = {
      id,
      viewerId,
      deviceId,
      device,
      place,
      watcher,
      cancelTimeout,
      release,
      ice: null,
      connected: false,
    };
    this.#sessions.set(id, session);
    this.events.emit('watchOpened', { sessionId: id, deviceId, viewerId });
    watcher.opened?.(id);
    try {
      device.send({ kind: 'request', sessionId: id, userId: viewerId, iceServers: iceServers(id) });
    } catch (error) {
      this.#remove(session, 'error');
      if (!watcher.opened) throw error;
      const why = error instanceof OnairError ? error : undefined;
      watcher.send({ kind: 'ended', sessionId: id, reason: 'error', why }); // it has been told that it is ready
    }
    return id;
  }

  /**
   * A connected session that the device has kept through a restart of control: it counts, and can be ended.
   * @returns false where there is no place for it
   */
  adopt(options: {
    sessionId: string;
    viewerId: string;
    deviceId: string;
    device: WatchedDevice;
    ice?: IceNames | null;
  }): boolean {
    const { sessionId, viewerId, deviceId, device, ice = null } = options;
    if (this.#sessions.has(sessionId)) return true;
    const isViewer = !viewerId.startsWith(previewPrefix);
    if (isViewer && !this.#deps.audience.hasRoom(viewerId, 'watch')) return false;
    const place = this.#placeOf(device, viewerId, () => this.#deps.audience.enter(viewerId, 'watch'));
    place.sit();
    this.#sessions.set(sessionId, {
      id: sessionId,
      viewerId,
      deviceId,
      device,
      place,
      ice,
      watcher: null,
      connected: true,
      cancelTimeout: () => {},
      // By what right it was opened, nobody knows any more.
      release: this.#hold(noGrant, () => this.#finish(sessionId, 'error')),
    });
    return true;
  }

  /** How many sessions a device should have. */
  countOf(deviceId: string): number {
    return [...this.#sessions.values()].filter((session) => session.deviceId === deviceId).length;
  }

  /** The device has these sessions and no other: a connected one that is not among them is over. */
  keepOnly(deviceId: string, sessionIds: ReadonlySet<string>): void {
    for (const session of [...this.#sessions.values()]) {
      if (session.deviceId !== deviceId || !session.connected || sessionIds.has(session.id)) continue;
      this.#remove(session, 'viewer_disconnected');
      session.watcher?.send({ kind: 'ended', sessionId: session.id, reason: 'viewer_disconnected' });
    }
  }

  /** What a viewer says goes to the device. @throws OnairError `not-found` unless the session is this viewer's */
  receiveFromViewer(viewerId: string, signal: SignalFromViewer): void {
    const session = this.#owned(signal.sessionId, viewerId);
    session.device.send(signal);
    if (signal.kind === 'ended') this.#remove(session, signal.reason);
  }

  /** The viewer ends it. @throws OnairError `not-found` unless the session is this viewer's */
  end(sessionId: string, viewerId: string, reason: 'user_ended' | 'viewer_disconnected' | 'error'): void {
    this.receiveFromViewer(viewerId, { kind: 'ended', sessionId, reason });
  }

  /** Whose session it is; null for one that is not. */
  viewerOf(sessionId: string): string | null {
    return this.#sessions.get(sessionId)?.viewerId ?? null;
  }

  /** Which device it watches; null for one that is not. */
  deviceOf(sessionId: string): string | null {
    return this.#sessions.get(sessionId)?.deviceId ?? null;
  }

  /** What the device has told of a session that it kept. */
  iceOf(sessionId: string): IceNames | null {
    return this.#sessions.get(sessionId)?.ice ?? null;
  }

  /** What a device says goes to who watches; nothing where the session is not the device's. */
  receiveFromDevice(deviceId: string, signal: SignalFromDevice): void {
    const session = this.#sessions.get(signal.sessionId);
    if (session?.deviceId !== deviceId) return;
    if (signal.kind === 'connected') {
      this.#connected(session);
      return;
    }
    if (signal.kind === 'answer' && !session.device.own) session.cancelTimeout();
    if (signal.kind === 'ended') this.#remove(session, signal.reason);
    session.watcher?.send(signal);
  }

  /**
   * The device's connection is lost: its sessions are over for those who watch.
   * @param through only those that went through this; else all
   */
  loseDevice(deviceId: string, through: (device: WatchedDevice) => boolean = () => true): void {
    for (const session of [...this.#sessions.values()]) {
      if (session.deviceId !== deviceId || !through(session.device)) continue;
      this.#remove(session, 'device_disconnected');
      session.watcher?.send({ kind: 'ended', sessionId: session.id, reason: 'device_disconnected' });
    }
  }

  close(): void {
    for (const session of this.#sessions.values()) {
      session.cancelTimeout();
      session.release();
      session.place.close();
      session.device.forget?.(session.id);
    }
    this.#sessions.clear();
  }

  #connected(session: WatchSession): void {
    const { id: sessionId, deviceId } = session;
    session.connected = true;
    session.cancelTimeout();
    try {
      session.place.sit();
    } catch {
      this.#finish(sessionId, 'error'); // too late: somebody else has the place
      return;
    }
    this.events.emit('watchConnected', { sessionId, deviceId });
  }

  #finish(sessionId: string, reason: WatchEndReason): void {
    const session = this.#sessions.get(sessionId);
    if (!session) return;
    const ended = { kind: 'ended', sessionId, reason } as const;
    session.device.send(ended);
    this.#remove(session, reason);
    session.watcher?.send(ended);
  }

  #remove(session: WatchSession, reason: WatchEndReason): void {
    const { id: sessionId, deviceId, viewerId, device, place } = session;
    session.cancelTimeout();
    this.#sessions.delete(sessionId);
    session.release();
    place.leave();
    device.forget?.(sessionId);
    this.events.emit('watchEnded', { sessionId, deviceId, viewerId, reason });
  }

  /** Viewers of other devices are not this box's audience. */
  #placeOf(device: WatchedDevice, viewerId: string, enter: () => Seat): WatchPlace {
    const counts = device.own && !viewerId.startsWith(previewPrefix);
    return new WatchPlace({ clock: this.#deps.clock, enter: () => (counts ? enter() : null) });
  }

  #requireRoomAt(deviceId: string): void {
    let sessions = 0;
    for (const session of this.#sessions.values()) if (session.deviceId === deviceId) sessions += 1;
    if (sessions >= maxSessionsPerDevice) throw new OnairError('full', 'Too many viewers of this device.');
  }

  #owned(sessionId: string, viewerId: string): WatchSession {
    const session = this.#sessions.get(sessionId);
    if (!session || session.viewerId !== viewerId) {
      throw new OnairError('not-found', 'Session not found', { subject: 'session' });
    }
    return session;
  }
}
