import type { IceCandidate, IceServer, WatchEndReason } from '#core/protocol/signaling.ts';
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

  requestWatch(request: { sessionId: string; userId: string; iceServers: IceServer[] }): void {
    const { sessionId: id, userId: viewerId } = request;
    this.#records.put({ id, deviceId: this.#deviceId, viewerId, viewerNode: this.#nodeId }).catch(() => {});
    this.#device.requestWatch(request);
  }

  offer(sessionId: string, sdp: string): void {
    this.#device.offer(sessionId, sdp);
  }

  addCandidate(sessionId: string, candidate: IceCandidate): void {
    this.#device.addCandidate(sessionId, candidate);
  }

  endWatch(sessionId: string, reason: WatchEndReason): void {
    this.#device.endWatch(sessionId, reason);
  }

  forget(sessionId: string): void {
    this.#records.forget(sessionId).catch(() => {}); // a store that is away forgets it by itself
  }
}
