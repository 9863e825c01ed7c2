import type { RedisClientType } from 'redis';
import { z } from 'zod';
import { OnairError } from '#core/domain/errors.ts';
import { presenceFigures } from '#core/protocol/signaling.ts';
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

const devicesKey = 'onair:devices';
const tokenKeyKey = 'onair:token-key';
const stateKey = (deviceId: string): string => `onair:device:${deviceId}`;
/** The process that holds it; goes by itself, by Redis' clock: those of the hub's processes may differ. */
const holderKey = (deviceId: string): string => `onair:device:${deviceId}:node`;
const sessionKey = (sessionId: string): string => `onair:watch:${sessionId}`;
const channel = (nodeId: string): string => `onair:node:${nodeId}`;

/** Said again while it lasts; what a process that died has left goes by itself. */
const sessionTtlSeconds = 120;
const commandTimeoutMs = 2_000;
/** A daemon stops within 2 s, whether Redis answers or not. */
const farewellMs = 300;

const enrolledDevice = z.object({ id: z.string(), name: z.string(), keyDigest: z.string() });
const sharedSession = z.object({
  id: z.string(),
  deviceId: z.string(),
  viewerId: z.string(),
  viewerNode: z.string(),
});

/** A heartbeat that comes late brings back neither a removed device nor one that has gone to another process. */
const onlineScript = `
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 0 then return end
if ARGV[6] == 'keep' then
  local holder = redis.call('GET', KEYS[3])
  if holder and holder ~= ARGV[2] then return end
end
redis.call('SET', KEYS[3], ARGV[2], 'PX', ARGV[5])
redis.call('HSET', KEYS[2], 'lastSeenAtMs', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[2], 'presence', ARGV[4]) end`;

/** Only the process that holds a device may say that it is gone. */
const setOfflineScript = `
if redis.call('GET', KEYS[2]) == ARGV[1] then
  redis.call('DEL', KEYS[2])
  redis.call('HSET', KEYS[1], 'lastSeenAtMs', ARGV[2])
end`;

/** The store of hubs of many: everything in one Redis, so that each process serves the others' devices and viewers. */
export class RedisHubStore implements HubStore {
  readonly #url: string;
  readonly #logger: Logger;
  readonly #onTrouble: (problem: string | null) => void;
  /** Why Redis is away; null while it is there. */
  #trouble: string | null = null;
  #client: RedisClientType | null = null;
  #subscriber: RedisClientType | null = null;

  /** @param options.onTrouble told why Redis cannot be reached, and null once it can */
  constructor(options: {
    url: string;
    logger: Logger;
    onTrouble?: (problem: string | null) => void;
  }) {
    this.#url = options.url;
    this.#logger = options.logger;
    this.#onTrouble = options.onTrouble ?? (() => {});
  }

  /** Connects; a Redis that is away is tried again for as long as the hub runs. May be called again after it failed. */
  async start(): Promise<void> {
    await this.close();
    // The package is CommonJS: bundled, all that it exports is in `default`; loaded as it is, that may be missing.
    const redis = await import('redis');
    const createClient = redis.createClient ?? redis.default.createClient;
    const client = createClient({
      url: this.#url,
      disableOfflineQueue: true, // a caller is told at once instead of hanging
      commandOptions: { timeout: commandTimeoutMs },
    }) as RedisClientType;
    client.on('error', (error: Error) => this.#setTrouble(error.message || error.name));
    client.on('ready', () => this.#setTrouble(null));
    const subscriber = client.duplicate({ disableOfflineQueue: false });
    subscriber.on('error', () => {}); // the client says it already
    this.#client = client;
    this.#subscriber = subscriber;
    // Not waited for: the box serves its own viewers whether Redis is there or not.
    for (const connecting of [client.connect(), subscriber.connect()]) connecting.catch(() => {});
  }

  /** Resolves once both connections are up (again). */
  async ready(): Promise<void> {
    for (const client of [this.#client, this.#subscriber]) {
      if (client && !client.isReady)
        await new Promise<void>((resolve) => client.once('ready', () => resolve()));
    }
  }

  /** What was asked for last is still done, where Redis answers at once. */
  async close(): Promise<void> {
    const [client, subscriber] = [this.#client, this.#subscriber];
    if (client?.isReady) await endsWithin(client.close(), farewellMs);
    this.#client = null;
    this.#subscriber = null;
    for (const each of [client, subscriber]) if (each?.isOpen) each.destroy();
  }

  /** Logged once an outage, not once an attempt. */
  #setTrouble(problem: string | null): void {
    if (problem === null && this.#trouble !== null) this.#logger.info('Redis can be reached again');
    if (problem !== null && this.#trouble === null)
      this.#logger.error({ err: problem }, 'Redis cannot be reached, trying again');
    this.#trouble = problem;
    this.#onTrouble(problem);
  }

  async enroll(device: EnrolledDevice): Promise<void> {
    const added = await this.#redis((client) => client.hSetNX(devicesKey, device.id, JSON.stringify(device)));
    if (!added)
      throw new OnairError('conflict', `A device ${device.id} is enrolled already.`, { subject: 'device' });
  }

  async find(deviceId: string): Promise<EnrolledDevice | null> {
    const text = await this.#redis((client) => client.hGet(devicesKey, deviceId));
    return text ? enrolledDevice.parse(JSON.parse(text)) : null;
  }

  async list(): Promise<EnrolledDevice[]> {
    const all = await this.#redis((client) => client.hGetAll(devicesKey));
    return Object.values(all).map((text) => enrolledDevice.parse(JSON.parse(text)));
  }

  async remove(deviceId: string): Promise<void> {
    await this.#redis((client) =>
      client
        .multi()
        .hDel(devicesKey, deviceId)
        .del([stateKey(deviceId), holderKey(deviceId)])
        .exec(),
    );
  }

  async setOnline(
    deviceId: string,
    nodeId: string,
    atMs: number,
    presence: DevicePresence | null,
  ): Promise<void> {
    await this.#online('take', deviceId, nodeId, atMs, presence);
  }

  async keepOnline(
    deviceId: string,
    nodeId: string,
    atMs: number,
    presence: DevicePresence | null,
  ): Promise<void> {
    await this.#online('keep', deviceId, nodeId, atMs, presence);
  }

  async #online(
    how: 'take' | 'keep',
    deviceId: string,
    nodeId: string,
    atMs: number,
    presence: DevicePresence | null,
  ): Promise<void> {
    const keys = [devicesKey, stateKey(deviceId), holderKey(deviceId)];
    const told = presence ? JSON.stringify(presence) : '';
    const words = [deviceId, nodeId, String(atMs), told, String(deviceTimeoutMs), how];
    await this.#redis((client) => client.eval(onlineScript, { keys, arguments: words }));
  }

  async setOffline(deviceId: string, nodeId: string, atMs: number): Promise<void> {
    const keys = [stateKey(deviceId), holderKey(deviceId)];
    await this.#redis((client) => client.eval(setOfflineScript, { keys, arguments: [nodeId, String(atMs)] }));
  }

  async state(deviceId: string): Promise<DeviceState | null> {
    const [fields, nodeId] = await this.#redis((client) =>
      Promise.all([client.hGetAll(stateKey(deviceId)), client.get(holderKey(deviceId))]),
    );
    if (!fields.lastSeenAtMs) return null;
    return {
      nodeId,
      presence: fields.presence ? presenceFigures.parse(JSON.parse(fields.presence)) : null,
      lastSeenAtMs: Number(fields.lastSeenAtMs),
    };
  }

  async putSession(session: SharedWatchSession): Promise<void> {
    const expiration = { type: 'EX', value: sessionTtlSeconds } as const;
    await this.#redis((client) =>
      client.set(sessionKey(session.id), JSON.stringify(session), { expiration }),
    );
  }

  async session(sessionId: string): Promise<SharedWatchSession | null> {
    const text = await this.#redis((client) => client.get(sessionKey(sessionId)));
    return text ? sharedSession.parse(JSON.parse(text)) : null;
  }

  async deleteSession(sessionId: string): Promise<void> {
    await this.#redis((client) => client.del(sessionKey(sessionId)));
  }

  async publish(nodeId: string, message: HubMessage): Promise<void> {
    await this.#redis((client) => client.publish(channel(nodeId), JSON.stringify(message)));
  }

  async onMessage(nodeId: string, listener: (message: HubMessage) => void): Promise<void> {
    const receive = (text: string): void => {
      try {
        listener(JSON.parse(text) as HubMessage);
      } catch (error) {
        this.#logger.warn({ err: error }, 'another hub process sent what this one does not know');
      }
    };
    // Not waited for either: it is queued until Redis is there.
    this.#subscriber?.subscribe([channel(nodeId), channel('*')], receive).catch((error: Error) => {
      this.#logger.error({ err: error.message }, 'other hub processes cannot be heard');
    });
  }

  async sharedKey(own: Uint8Array): Promise<Uint8Array> {
    const mine = Buffer.from(own).toString('base64');
    await this.#redis((client) => client.set(tokenKeyKey, mine, { condition: 'NX' }));
    const agreed = await this.#redis((client) => client.get(tokenKeyKey));
    return agreed === null ? own : new Uint8Array(Buffer.from(agreed, 'base64'));
  }

  /** @throws OnairError `unavailable` where Redis does not answer */
  async #redis<Result>(command: (client: RedisClientType) => Promise<Result>): Promise<Result> {
    try {
      if (!this.#client) throw new Error('not started');
      return await command(this.#client);
    } catch (error) {
      if (this.#trouble === null)
        this.#logger.error({ err: error instanceof Error ? error.message : error }, 'Redis did not answer');
      throw new OnairError('unavailable', "The hub's store is not to be reached.", { retryAfterSeconds: 5 });
    }
  }
}

async function endsWithin(work: Promise<void>, withinMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, withinMs);
  });
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
