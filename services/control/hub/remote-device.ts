import { SerialQueue } from '#core/domain/serial-queue.ts';
import type { SignalToDevice } from '#core/protocol/watch-signal.ts';
import type { HubStore } from '../domain/devices.ts';
import type { WatchedDevice } from '../domain/watch-session.ts';
import type { SessionRecords } from './session-records.ts';

interface Deps {
  deviceId: string;
  nodeId: string | null;
  fromNode: string;
  store: HubStore;
  records: SessionRecords;
}

/** A device that another process of the hub holds, or that is offline. */
export class RemoteDevice implements WatchedDevice {
  readonly #deps: Deps;
  readonly #sent = new SerialQueue();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  readonly own = false;

  /** The hub process that holds it. */
  get nodeId(): string | null {
    return this.#deps.nodeId;
  }

  get online(): boolean {
    return this.#deps.nodeId !== null && this.#deps.nodeId !== this.#deps.fromNode;
  }

  send(signal: SignalToDevice): void {
    const deviceId = this.#deps.deviceId;
    const fromNode = this.#deps.fromNode;
    if (signal.kind === 'request') {
      const { sessionId: id, userId: viewerId } = signal;
      this.#then(() => this.#deps.records.put({ id, deviceId, viewerId, viewerNode: fromNode }));
    }
    this.#then(async () => {
      if (this.#deps.nodeId !== null)
        await this.#deps.store.publish(this.#deps.nodeId, { kind: 'to-device', deviceId, fromNode, signal });
    });
  }

  forget(sessionId: string): void {
    this.#then(() => this.#deps.records.forget(sessionId));
  }

  /** In order; a store that is away has logged it, and the session times out. */
  #then(step: () => Promise<void>): void {
    this.#sent.run(step).catch(() => {});
  }
}
