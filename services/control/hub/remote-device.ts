import { SerialQueue } from '#core/domain/serial-queue.ts';
import type { SignalToDevice } from '#core/protocol/watch-signal.ts';
import type { HubStore } from '../domain/devices.ts';
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

  send(signal: SignalToDevice): void {
    const deviceId = this.#deviceId;
    const fromNode = this.#fromNode;
    if (signal.kind === 'request') {
      const { sessionId: id, userId: viewerId } = signal;
      this.#then(() => this.#records.put({ id, deviceId, viewerId, viewerNode: fromNode }));
    }
    this.#then(async () => {
      if (this.#nodeId !== null)
        await this.#store.publish(this.#nodeId, { kind: 'to-device', deviceId, fromNode, signal });
    });
  }

  forget(sessionId: string): void {
    this.#then(() => this.#records.forget(sessionId));
  }

  /** In order; a store that is away has logged it, and the session times out. */
  #then(step: () => Promise<void>): void {
    this.#sent.run(step).catch(() => {});
  }
}
