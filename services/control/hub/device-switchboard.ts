import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { SignalToViewer } from '#core/protocol/watch-signal.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { sameSecret } from '#core/runtime/same-secret.ts';
import type { DevicePresence, EnrolledDevice, HubMessage, HubStore } from '../domain/devices.ts';
import type { WatchedDevice, WatchSessions } from '../domain/watch-session.ts';
import { RemoteDevice } from './remote-device.ts';
import { SessionRecords } from './session-records.ts';
import { StoredSessions } from './stored-sessions.ts';

/** A device that is connected to this process. */
export interface DeviceConnection extends WatchedDevice {
  /** Says hello_ack: from now on viewers may reach it. */
  greet(): void;
  /** Another connection of the same device has taken over, or the device was removed. */
  dismiss(reason: string): void;
}

const keyBytes = 32;
const maxDevices = 1_000;

/**
 * Brings viewers and devices together, whichever process of the hub each is connected to: this box's own egress,
 * devices connected here, and, through the store, devices connected to another process.
 */
export class DeviceSwitchboard {
  readonly #store: HubStore;
  readonly #sessions: WatchSessions;
  readonly #records: SessionRecords;
  readonly #own: { id: () => string; device: WatchedDevice };
  readonly #nodeId: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #connections = new Map<string, DeviceConnection>();
  readonly #remoteWatchers = new Map<string, { viewerNode: string; deviceId: string }>();

  constructor(options: {
    store: HubStore;
    sessions: WatchSessions;
    own: { id: () => string; device: WatchedDevice };
    /** Tells this process from the hub's others. */
    nodeId: string;
    clock: Clock;
    logger: Logger;
  }) {
    this.#store = options.store;
    this.#sessions = options.sessions;
    this.#records = new SessionRecords({ store: options.store, clock: options.clock });
    this.#own = options.own;
    this.#nodeId = options.nodeId;
    this.#clock = options.clock;
    this.#logger = options.logger;
  }

  async start(): Promise<void> {
    this.#records.start();
    await this.#store.onMessage(this.#nodeId, (message) => this.#hear(message));
  }

  /** The device of that id, wherever it is connected; null for one that is not enrolled. */
  async find(deviceId: string): Promise<WatchedDevice | null> {
    if (deviceId === this.#own.id()) return this.#own.device;
    const local = this.#connections.get(deviceId);
    if (local) return new StoredSessions(local, deviceId, this.#nodeId, this.#records);
    if (!(await this.#store.find(deviceId))) return null;
    const nodeId = (await this.#store.state(deviceId))?.nodeId ?? null;
    return new RemoteDevice({
      deviceId,
      nodeId,
      fromNode: this.#nodeId,
      store: this.#store,
      records: this.#records,
    });
  }

  /**
   * Makes a device known and gives it a key, which is shown this once.
   * @throws OnairError `conflict`, `full`
   */
  async enroll(device: { id: string; name: string }): Promise<{ id: string; key: string }> {
    if (device.id === this.#own.id()) throw new OnairError('conflict', 'That is the id of this box itself.');
    if ((await this.#store.list()).length >= maxDevices) {
      throw new OnairError('full', `There are ${maxDevices} devices already.`, {
        action: 'Remove one first.',
      });
    }
    const key = randomBytes(keyBytes).toString('base64url');
    await this.#store.enroll({ ...device, keyDigest: digestOf(key) });
    return { id: device.id, key };
  }

  /** @throws OnairError `not-found` */
  async remove(deviceId: string): Promise<void> {
    if (!(await this.#store.find(deviceId))) {
      throw new OnairError('not-found', 'There is no device of that id here.', { subject: 'device' });
    }
    await this.#store.remove(deviceId);
    this.#removed(deviceId);
    await this.#store.publish('*', { kind: 'device-removed', deviceId });
  }

  /** @throws OnairError `not-found` for an unknown device, `unauthorized` without its key */
  async admit(deviceId: string, key: string | null): Promise<EnrolledDevice> {
    const device = await this.#store.find(deviceId);
    if (!device) throw new OnairError('not-found', 'Device not found', { subject: 'device' });
    if (key === null || !sameSecret(digestOf(key), device.keyDigest)) {
      throw new OnairError('unauthorized', 'Unauthorized', { subject: 'device' });
    }
    return device;
  }

  /**
   * A device is here: it is greeted, then viewers may reach it. An older connection of it, here or at another process,
   * must go, and those who watched through it are told: nobody may wait for one that can't answer any more.
   */
  async connect(deviceId: string, connection: DeviceConnection): Promise<void> {
    await this.#store.setOnline(deviceId, this.#nodeId, this.#clock.nowMs(), null);
    if (!connection.online) {
      if (!this.#connections.has(deviceId)) {
        await this.#store.setOffline(deviceId, this.#nodeId, this.#clock.nowMs());
      }
      return;
    }
    const previous = this.#connections.get(deviceId);
    if (previous) {
      this.#connections.delete(deviceId);
      this.#dropSessions(deviceId);
      previous.dismiss('This device has connected again');
    }
    this.#loseThroughOthers(deviceId, this.#nodeId);
    connection.greet();
    this.#connections.set(deviceId, connection);
    this.#logger.info({ deviceId, again: previous !== undefined }, 'a device has joined');
    await this.#store.publish('*', { kind: 'device-here', deviceId, nodeId: this.#nodeId });
  }

  /** It is still here, and may have told how it is. */
  async touch(deviceId: string, presence: DevicePresence | null): Promise<void> {
    await this.#store.keepOnline(deviceId, this.#nodeId, this.#clock.nowMs(), presence);
  }

  /** Its connection is lost: who watches is told. */
  async disconnect(deviceId: string, connection: DeviceConnection): Promise<void> {
    if (this.#connections.get(deviceId) !== connection) return;
    this.#connections.delete(deviceId);
    this.#logger.info({ deviceId }, 'a device has left');
    this.#dropSessions(deviceId);
    await this.#store.setOffline(deviceId, this.#nodeId, this.#clock.nowMs());
    await this.#store.publish('*', { kind: 'device-lost', deviceId, nodeId: this.#nodeId });
  }

  /** The other processes hear that this one's devices are gone. */
  async close(): Promise<void> {
    this.#records.close();
    const connections = [...this.#connections];
    this.#connections.clear();
    await Promise.all(
      connections.map(async ([deviceId]) => {
        await this.#store.setOffline(deviceId, this.#nodeId, this.#clock.nowMs());
        await this.#store.publish('*', { kind: 'device-lost', deviceId, nodeId: this.#nodeId });
      }),
    ).catch(() => {}); // they hear it after 90 s
  }

  /**
   * What a device says goes to those who watch it, here or at another process.
   * @throws OnairError `not-found` for a session that isn't the device's
   */
  async relay(deviceId: string, signal: SignalToViewer): Promise<void> {
    const { kind, sessionId } = signal;
    if (this.#sessions.deviceOf(sessionId) === deviceId) {
      this.#tellHere(deviceId, signal);
      return;
    }
    const known = this.#remoteWatchers.get(sessionId);
    const session = known ?? (await this.#store.session(sessionId));
    if (!session || session.deviceId !== deviceId || session.viewerNode === this.#nodeId) {
      if (kind === 'ended') return; // both sides may end it at once
      throw new OnairError('not-found', 'Session not found', { subject: 'session' });
    }
    if (kind === 'ended') await this.#forget(sessionId);
    await this.#store.publish(session.viewerNode, { kind: 'to-viewer', deviceId, signal });
  }

  #hear(message: HubMessage): void {
    const { deviceId } = message;
    const device = this.#connections.get(deviceId);
    switch (message.kind) {
      case 'to-device':
        this.#tellDevice(message);
        return;
      case 'to-viewer':
        this.#tellHere(deviceId, message.signal);
        return;
      case 'device-here':
        if (message.nodeId === this.#nodeId) return;
        if (device) void this.#movedAway(deviceId, device);
        this.#loseThroughOthers(deviceId, message.nodeId);
        return;
      case 'device-lost':
        this.#sessions.loseDevice(
          deviceId,
          (through) => through instanceof RemoteDevice && through.nodeId === message.nodeId,
        );
        return;
      case 'device-removed':
        this.#removed(deviceId);
    }
  }

  /** It has connected to another process of the hub before this one has missed it. */
  async #movedAway(deviceId: string, connection: DeviceConnection): Promise<void> {
    connection.dismiss('This device has connected again');
    await this.disconnect(deviceId, connection).catch((error) =>
      this.#logger.warn({ err: error }, 'the viewers of a device at another process could not be told'),
    );
  }

  /** Its viewers here whose way to it was another process: that one may have fallen without a word. */
  #loseThroughOthers(deviceId: string, nodeId: string): void {
    this.#sessions.loseDevice(
      deviceId,
      (through) => through instanceof RemoteDevice && through.nodeId !== nodeId,
    );
  }

  #removed(deviceId: string): void {
    this.#connections.get(deviceId)?.dismiss('This device was removed');
    this.#connections.delete(deviceId);
    this.#dropSessions(deviceId);
  }

  /** All that went through this process's connection of it, or might have. */
  #dropSessions(deviceId: string): void {
    for (const [sessionId, watcher] of this.#remoteWatchers) {
      if (watcher.deviceId !== deviceId) continue;
      this.#remoteWatchers.delete(sessionId);
      this.#store.publish(watcher.viewerNode, disconnected(deviceId, sessionId)).catch(() => {}); // a store that is away has logged it
    }
    this.#sessions.loseDevice(deviceId);
  }

  /** Of a viewer at another process. */
  #tellDevice({ deviceId, fromNode, signal }: Extract<HubMessage, { kind: 'to-device' }>): void {
    const { kind, sessionId } = signal;
    const device = this.#connections.get(deviceId);
    if (kind === 'ended') this.#remoteWatchers.delete(sessionId);
    if (device) {
      if (kind === 'request') this.#remoteWatchers.set(sessionId, { viewerNode: fromNode, deviceId });
      device.send(signal);
    } else if (kind === 'request') {
      this.#store
        .publish(fromNode, disconnected(deviceId, sessionId))
        .catch((error) => this.#logger.warn({ err: error }, 'a viewer at another process could not be told'));
    }
  }

  #tellHere(deviceId: string, signal: SignalToViewer): void {
    this.#sessions.receiveFromDevice(deviceId, signal);
    if (signal.kind === 'ended') void this.#forget(signal.sessionId).catch(() => {}); // the record also ends by itself
  }

  async #forget(sessionId: string): Promise<void> {
    this.#remoteWatchers.delete(sessionId);
    await this.#store.deleteSession(sessionId);
  }
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('base64url');
}

const disconnected = (deviceId: string, sessionId: string): HubMessage => ({
  kind: 'to-viewer',
  deviceId,
  signal: { kind: 'ended', sessionId, reason: 'device_disconnected' },
});
