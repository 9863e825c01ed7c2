import { Low } from 'lowdb';
import { z } from 'zod';
import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { Logger } from '#core/runtime/logger.ts';
import {
  type DevicePresence,
  type DeviceState,
  deviceTimeoutMs,
  type EnrolledDevice,
  type HubMessage,
  type HubStore,
  type SharedWatchSession,
} from '../domain/devices.ts';
import { DurableFile, type TornFile } from '../storage/durable-file.ts';

const enrolledDevices = z.array(z.object({ id: z.string(), name: z.string(), keyDigest: z.string() }));

/** The store of a hub that is one process: enrolments in a durable file, the rest in memory. */
export class MemoryHubStore implements HubStore {
  readonly #clock: Clock;
  readonly #low: Low<EnrolledDevice[]>;
  readonly #states = new Map<string, DeviceState & { seenMonotonicMs: number }>();
  readonly #sessions = new Map<string, SharedWatchSession>();
  readonly #listeners = new Map<string, (message: HubMessage) => void>();

  /** @param options.path the enrolments' JSON file */
  constructor(options: { path: string; clock: Clock; logger: Logger; onTorn?: (torn: TornFile) => void }) {
    this.#clock = options.clock;
    const file = new DurableFile<EnrolledDevice[]>({
      path: options.path,
      check: (value) => enrolledDevices.parse(value),
      onTorn: (torn) => {
        const { path, problem } = torn;
        options.logger.error(
          { path, problem },
          'the devices file cannot be used; falling back to its backup',
        );
        options.onTorn?.(torn);
      },
    });
    this.#low = new Low(file, []);
  }

  async start(): Promise<void> {
    await this.#low.read();
    this.#low.data ??= [];
  }

  async close(): Promise<void> {
    this.#listeners.clear();
  }

  async enroll(device: EnrolledDevice): Promise<void> {
    if (await this.find(device.id)) {
      throw new OnairError('conflict', `A device ${device.id} is enrolled already.`, { subject: 'device' });
    }
    await this.#save([...this.#low.data, device]);
  }

  async find(deviceId: string): Promise<EnrolledDevice | null> {
    return this.#low.data.find(({ id }) => id === deviceId) ?? null;
  }

  async list(): Promise<EnrolledDevice[]> {
    return [...this.#low.data];
  }

  async remove(deviceId: string): Promise<void> {
    this.#states.delete(deviceId);
    await this.#save(this.#low.data.filter(({ id }) => id !== deviceId));
  }

  async setOnline(
    deviceId: string,
    nodeId: string,
    atMs: number,
    presence: DevicePresence | null,
  ): Promise<void> {
    if (!(await this.find(deviceId))) return;
    const known = this.#states.get(deviceId)?.presence ?? null;
    this.#states.set(deviceId, { nodeId, presence: presence ?? known, ...this.#seen(atMs) });
  }

  async keepOnline(
    deviceId: string,
    nodeId: string,
    atMs: number,
    presence: DevicePresence | null,
  ): Promise<void> {
    const holder = (await this.state(deviceId))?.nodeId ?? nodeId;
    if (holder === nodeId) await this.setOnline(deviceId, nodeId, atMs, presence);
  }

  async setOffline(deviceId: string, nodeId: string, atMs: number): Promise<void> {
    const state = this.#states.get(deviceId);
    if (state?.nodeId === nodeId) this.#states.set(deviceId, { ...state, nodeId: null, ...this.#seen(atMs) });
  }

  async state(deviceId: string): Promise<DeviceState | null> {
    const known = this.#states.get(deviceId);
    if (!known) return null;
    const { seenMonotonicMs, ...state } = known;
    const stale = this.#clock.monotonicMs() - seenMonotonicMs > deviceTimeoutMs;
    return stale ? { ...state, nodeId: null } : state;
  }

  async putSession(session: SharedWatchSession): Promise<void> {
    this.#sessions.set(session.id, session);
  }

  async session(sessionId: string): Promise<SharedWatchSession | null> {
    return this.#sessions.get(sessionId) ?? null;
  }

  async deleteSession(sessionId: string): Promise<void> {
    this.#sessions.delete(sessionId);
  }

  async publish(nodeId: string, message: HubMessage): Promise<void> {
    for (const [listenerId, listener] of this.#listeners) {
      if (nodeId === '*' || nodeId === listenerId) listener(structuredClone(message));
    }
  }

  async onMessage(nodeId: string, listener: (message: HubMessage) => void): Promise<void> {
    this.#listeners.set(nodeId, listener);
  }

  async sharedKey(own: Uint8Array): Promise<Uint8Array> {
    return own;
  }

  /** For people the wall clock's time; how long ago it is, by the clock that nobody sets. */
  #seen(atMs: number): { lastSeenAtMs: number; seenMonotonicMs: number } {
    return { lastSeenAtMs: atMs, seenMonotonicMs: this.#clock.monotonicMs() };
  }

  async #save(devices: EnrolledDevice[]): Promise<void> {
    const before = this.#low.data;
    this.#low.data = devices;
    try {
      await this.#low.write();
    } catch {
      this.#low.data = before;
      throw new OnairError('unavailable', 'The devices could not be stored; nothing was changed.', {
        action: 'Check that the card is not full or worn out: run onair doctor.',
      });
    }
  }
}
