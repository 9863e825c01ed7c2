import type { SignalToDevice } from '#core/protocol/watch-signal.ts';
import type { WatchedDevice } from '../domain/watch-session.ts';
import type { SessionRecords } from './session-records.ts';

/** A device that is connected here, its sessions kept in the store for the hub's other processes. */
export class StoredSessions implements WatchedDevice {
  readonly #device: WatchedDevice;
  readonly #deviceId: string;
  readonly #nodeId: string;
  readonly #records: SessionRecords;

  constructor(device: WatchedDevice, deviceId: string, nodeId: string, records: SessionRecords) {
    this.#device = device;
    this.#deviceId = deviceId;
    this.#nodeId = nodeId;
    this.#records = records;
  }

  readonly own = false;

  get online(): boolean {
    return this.#device.online;
  }

  send(signal: SignalToDevice): void {
    if (signal.kind === 'request') {
      const { sessionId: id, userId: viewerId } = signal;
      this.#records.put({ id, deviceId: this.#deviceId, viewerId, viewerNode: this.#nodeId }).catch(() => {});
    }
    this.#device.send(signal);
  }

  forget(sessionId: string): void {
    this.#records.forget(sessionId).catch(() => {}); // a store that is away forgets it by itself
  }
}
