import type { IceCandidate, IceServer, WatchEndReason } from '#core/protocol/signaling.ts';
import type { HubStore } from '../domain/devices.ts';
import type { WatchedDevice } from '../domain/watch-session.ts';

/** A device that is connected here, its sessions kept in the store for the hub's other processes. */
export class StoredSessions implements WatchedDevice {
  readonly #device: WatchedDevice;
  readonly #deviceId: string;
  readonly #nodeId: string;
  readonly #store: HubStore;

  constructor(device: WatchedDevice, deviceId: string, nodeId: string, store: HubStore) {
    this.#device = device;
    this.#deviceId = deviceId;
    this.#nodeId = nodeId;
    this.#store = store;
  }

  readonly own = false;

  get online(): boolean {
    return this.#device.online;
  }

  requestWatch(request: { sessionId: string; userId: string; iceServers: IceServer[] }): void {
    const { sessionId: id, userId: viewerId } = request;
    this.#store
      .putSession({ id, deviceId: this.#deviceId, viewerId, viewerNode: this.#nodeId })
      .catch(() => {});
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
    this.#store.deleteSession(sessionId).catch(() => {}); // a store that is away forgets it by itself
  }
}
