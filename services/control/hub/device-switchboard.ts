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

interface Deps {
  store: HubStore;
  sessions: WatchSessions;
  own: { id: () => string; device: WatchedDevice };
  /** Tells this process from the hub's others. */
  nodeId: string;
  clock: Clock;
  logger: Logger;
}

/**
 * Brings viewers and devices together, whichever process of the hub each is connected to: this box's own egress,
 * devices connected here, and, through the store, devices connected to another process.
 */
export class DeviceSwitchboard {
  readonly #deps: Deps;
  readonly #records: SessionRecords;
  readonly #connections = new Map<string, DeviceConnection>();
  readonly #remoteWatchers = new Map<string, { viewerNode: string; deviceId: string }>();

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#records = new SessionRecords({ store: deps.store, clock: deps.clock });
  }

  async start(): Promise<void> {
    this.#records.start();
    await this.#deps.store.onMessage(this.#deps.nodeId, (message) => this.#hear(message));
  }

  /** The device of that id, wherever it is connected; null for one that is not enrolled. */
  async find(deviceId: string): Promise<WatchedDevice | null> {
    if (deviceId === this.#deps.own.id()) return this.#deps.own.device;
    const local = this.#connections.get(deviceId);
    if (local) return new StoredSessions(local, deviceId, this.#deps.nodeId, this.#records);
    if (!(await this.#deps.store.find(deviceId))) return null;
    const nodeId = (await this.#deps.store.state(deviceId))?.nodeId ?? null;
    return new RemoteDevice({
      deviceId,
      nodeId,
      fromNode: this.#deps.nodeId,
      store: this.#deps.store,
      records: this.#records,
    });
  }

  /**
   * Makes a device known and gives it a key, which is shown this once.
   * @throws OnairError `conflict`, `full`
   */
  async enroll(device: { id: string; name: string }): Promise<{ id: string; key: string }> {
    if (device.id === this.#deps.own.id())
      throw new OnairError('conflict', 'That is the id of this box itself.');
    if ((await this.#deps.store.list()).length >= maxDevices) {
      throw new OnairError('full', `There are ${maxDevices} devices already.`, {
        action: 'Remove one first.',
      });
    }
    const key = randomBytes(keyBytes).toString('base64url');
    await this.#deps.store.enroll({ ...device, keyDigest: digestOf(key) });
    return { id: device.id, key };
  }

  /** @throws OnairError `not-found` */
  async remove(deviceId: string): Promise<void> {
    if (!(await this.#deps.store.find(deviceId))) {
      throw new OnairError('not-found', 'There is no device of that id here.', { subject: 'device' });
    }
    await this.#deps.store.remove(deviceId);
    this.#removed(deviceId);
    await this.#deps.store.publish('*', { kind: 'device-removed', deviceId });
  }

  /** @throws OnairError `not-found` for an unknown device, `unauthorized` without its key */
  async admit(deviceId: string, key: string | null): Promise<EnrolledDevice> {
    const device = await this.#deps.store.find(deviceId);
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
    await this.#deps.store.setOnline(deviceId, this.#deps.nodeId, this.#deps.clock.nowMs(), null);
    if (!connection.online) {
      if (!this.#connections.has(deviceId)) {
        await this.#deps.store.setOffline(deviceId, this.#deps.nodeId, this.#deps.clock.nowMs());
      }
      return;
    }
    const previous = this.#connections.get(deviceId);
    if (previous) {
      this.#connections.delete(deviceId);
      this.#dropSessions(deviceId);
      previous.dismiss('This device has connected again');
    }
    this.#loseThroughOthers(deviceId, this.#deps.nodeId);
    connection.greet();
    this.#connections.set(deviceId, connection);
    this.#deps.logger.info({ deviceId, again: previous !== undefined }, 'a device has joined');
    await this.#deps.store.publish('*', { kind: 'device-here', deviceId, nodeId: this.#deps.nodeId });
  }

  /** It is still here, and may have told how it is. */
  async touch(deviceId: string, presence: DevicePresence | null): Promise<void> {
    await this.#deps.store.keepOnline(deviceId, this.#deps.nodeId, this.#deps.clock.nowMs(), presence);
  }

  /** Its connection is lost: who watches is told. */
  async disconnect(deviceId: string, connection: DeviceConnection): Promise<void> {
    if (this.#connections.get(deviceId) !== connection) return;
    this.#connections.delete(deviceId);
    this.#deps.logger.info({ deviceId }, 'a device has left');
    this.#dropSessions(deviceId);
    await this.#deps.store.setOffline(deviceId, this.#deps.nodeId, this.#deps.clock.nowMs());
    await this.#deps.store.publish('*', { kind: 'device-lost', deviceId, nodeId: this.#deps.nodeId });
  }

  /** The other processes hear that this one's devices are gone. */
  async close(): Promise<void> {
    this.#records.close();
    const connections = [...this.#connections];
    this.#connections.clear();
    await Promise.all(
      connections.map(async ([deviceId]) => {
        await this.#deps.store.setOffline(deviceId, this.#deps.nodeId, this.#deps.clock.nowMs());
        await this.#deps.store.publish('*', { kind: 'device-lost', deviceId, nodeId: this.#deps.nodeId });
      }),
    ).catch(() => {}); // they hear it after 90 s
  }

  /**
   * What a device says goes to those who watch it, here or at another process.
   * @throws OnairError `not-found` for a session that isn't the device's
   */
  async relay(deviceId: string, signal: SignalToViewer): Promise<void> {
    const { kind, sessionId } = signal;
    if (this.#deps.sessions.deviceOf(sessionId) === deviceId) {
      this.#tellHere(deviceId, signal);
      return;
    }
    const known = this.#remoteWatchers.get(sessionId);
    const session = known ?? (await this.#deps.store.session(sessionId));
    if (!session || session.deviceId !== deviceId || session.viewerNode === this.#deps.nodeId) {
      if (kind === 'ended') return; // both sides may end it at once
      throw new OnairError('not-found', 'Session not found', { subject: 'session' });
    }
    if (kind === 'ended') await this.#forget(sessionId);
    await this.#deps.store.publish(session.viewerNode, { kind: 'to-viewer', deviceId, signal });
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
        if (message.nodeId === this.#deps.nodeId) return;
        if (device) void this.#movedAway(deviceId, device);
        this.#loseThroughOthers(deviceId, message.nodeId);
        return;
      case 'device-lost':
        this.#deps.sessions.loseDevice(
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
      this.#deps.logger.warn({ err: error }, 'the viewers of a device at another process could not be told'),
    );
  }

  /** Its viewers here whose way to it was another process: that one may have fallen without a word. */
  #loseThroughOthers(deviceId: string, nodeId: string): void {
    this.#deps.sessions.loseDevice(
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
      this.#deps.store.publish(watcher.viewerNode, disconnected(deviceId, sessionId)).catch(() => {}); // a store that is away has logged it
    }
    this.#deps.sessions.loseDevice(deviceId);
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
      this.#deps.store
        .publish(fromNode, disconnected(deviceId, sessionId))
        .catch((error) =>
          this.#deps.logger.warn({ err: error }, 'a viewer at another process could not be told'),
        );
    }
  }

  #tellHere(deviceId: string, signal: SignalToViewer): void {
    this.#deps.sessions.receiveFromDevice(deviceId, signal);
    if (signal.kind === 'ended') void this.#forget(signal.sessionId).catch(() => {}); // the record also ends by itself
  }

  async #forget(sessionId: string): Promise<void> {
    this.#remoteWatchers.delete(sessionId);
    await this.#deps.store.deleteSession(sessionId);
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
