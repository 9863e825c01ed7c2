import { deviceChannel } from '#core/protocol/channels/signaling-device.ts';
import type { SignalToDevice, SignalToViewer } from '#core/protocol/watch-signal.ts';

/** A box that may join this one as a device: its key is known by its digest only. */
export interface EnrolledDevice {
  id: string;
  name: string;
  keyDigest: string;
}

/** signaling.md, "Device Presence": what is not known is left out. */
export interface DevicePresence {
  battery?: number | undefined;
  temperature?: number | undefined;
  recording?: boolean | undefined;
  /** What else a device tells of itself. */
  [key: string]: unknown;
}

/** What the hub knows of a device now. */
export interface DeviceState {
  /** The hub process that it is connected to; null while it is offline. */
  nodeId: string | null;
  presence: DevicePresence | null;
  lastSeenAtMs: number;
}

/** A watch session as the hubs share it. */
export interface SharedWatchSession {
  id: string;
  deviceId: string;
  viewerId: string;
  /** The hub process that the viewer is connected to. */
  viewerNode: string;
}

/** What one hub process says to another. */
export type HubMessage =
  | { kind: 'to-device'; deviceId: string; fromNode: string; signal: SignalToDevice }
  | { kind: 'to-viewer'; deviceId: string; signal: SignalToViewer }
  | { kind: 'device-here'; deviceId: string; nodeId: string }
  | { kind: 'device-lost'; deviceId: string; nodeId: string }
  | { kind: 'device-removed'; deviceId: string };

/**
 * What a hub keeps of its devices and watch sessions, and how hub processes reach each other: in memory for one
 * box, in Redis for hubs of many. One contract suite holds for both.
 */
export interface HubStore {
  start(): Promise<void>;
  close(): Promise<void>;

  /** @throws OnairError `conflict` for an id that is taken */
  enroll(device: EnrolledDevice): Promise<void>;
  find(deviceId: string): Promise<EnrolledDevice | null>;
  list(): Promise<EnrolledDevice[]>;
  remove(deviceId: string): Promise<void>;

  /**
   * A device has connected to a process, which takes it over; offline unless `keepOnline` follows within 90 s. One that
   * is not enrolled (any more) leaves no trace.
   */
  setOnline(deviceId: string, nodeId: string, atMs: number, presence: DevicePresence | null): Promise<void>;
  /** It is connected still; nothing where another process has it meanwhile. */
  keepOnline(deviceId: string, nodeId: string, atMs: number, presence: DevicePresence | null): Promise<void>;
  /** Gone, unless another process has it meanwhile. */
  setOffline(deviceId: string, nodeId: string, atMs: number): Promise<void>;
  state(deviceId: string): Promise<DeviceState | null>;

  /** Kept for two minutes: a process that falls leaves nothing behind. One that lives says it again. */
  putSession(session: SharedWatchSession): Promise<void>;
  session(sessionId: string): Promise<SharedWatchSession | null>;
  deleteSession(sessionId: string): Promise<void>;

  /** The key of viewer tokens that all processes of a hub agree on: the first one's. */
  sharedKey(own: Uint8Array): Promise<Uint8Array>;

  /** To one process, or to all with "*". */
  publish(nodeId: string, message: HubMessage): Promise<void>;
  /** What comes for this process. */
  onMessage(nodeId: string, listener: (message: HubMessage) => void): Promise<void>;
}

/** A device that says nothing for this long is offline: three of its heartbeats. */
export const deviceTimeoutMs = deviceChannel.limits.heartbeat.timeoutMs;
