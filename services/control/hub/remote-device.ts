import { SerialQueue } from '#core/domain/serial-queue.ts';
import type { IceCandidate, IceServer, WatchEndReason } from '#core/protocol/signaling.ts';
import type { HubMessage, HubStore } from '../domain/devices.ts';
import type { WatchedDevice } from '../domain/watch-session.ts';
import type { SessionRecords } from './session-records.ts';

/** A device that another process of the hub holds, or that is offline. */
export class RemoteDevice implements WatchedDevice {
  readonly #deviceId: string;
  readonly #nodeId: string | null;
  readonly #fromNode: string;
  readonly #store: HubStore;
  readonly #records: SessionRecords;
  readonly #sent = new SerialQueue();

  constructor(options: {
    deviceId: string;
    nodeId: string | null;
    fromNode: string;
    store: HubStore;
    records: SessionRecords;
  }) {
    this.#deviceId = options.deviceId;
    this.#nodeId = options.nodeId;
    this.#fromNode = options.fromNode;
    this.#store = options.store;
    this.#records = options.records;
  }

  readonly own = false;

  /** The hub process that holds it. */
  get nodeId(): string | null {
    return this.#nodeId;
  }

  get online(): boolean {
    return this.#nodeId !== null && this.#nodeId !== this.#fromNode;
  }

  requestWatch({
    sessionId,
    userId,
    iceServers,
  }: {
    sessionId: string;
    userId: string;
    iceServers: IceServer[];
  }): void {
    const deviceId = this.#deviceId;
    this.#then(() =>
      this.#records.put({ id: sessionId, deviceId, viewerId: userId, viewerNode: this.#fromNode }),
    );
    this.#tell({ kind: 'watch', deviceId, fromNode: this.#fromNode, sessionId, userId, iceServers });
  }

  offer(sessionId: string, sdp: string): void {
    this.#tell({ kind: 'offer', deviceId: this.#deviceId, sessionId, sdp });
  }

  addCandidate(sessionId: string, candidate: IceCandidate): void {
    this.#tell({ kind: 'viewer-candidate', deviceId: this.#deviceId, sessionId, candidate });
  }

  endWatch(sessionId: string, reason: WatchEndReason): void {
    this.#tell({ kind: 'end', deviceId: this.#deviceId, sessionId, reason });
  }

  forget(sessionId: string): void {
    this.#then(() => this.#records.forget(sessionId));
  }

  #tell(message: HubMessage): void {
    this.#then(async () => {
      if (this.#nodeId !== null) await this.#store.publish(this.#nodeId, message);
    });
  }

  /** In order; a store that is away has logged it, and the session times out. */
  #then(step: () => Promise<void>): void {
    this.#sent.run(step).catch(() => {});
  }
}
