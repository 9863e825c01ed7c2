import { randomUUID } from 'node:crypto';
import type { Clock } from '#core/domain/clock.ts';
import type { Problem } from '#core/domain/problem.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { TokenKeeper } from '../access/token-keeper.ts';
import type { DevicePresence, HubStore } from '../domain/devices.ts';
import type { WatchedDevice, WatchSessions } from '../domain/watch-session.ts';
import type { TornFiles } from '../storage/torn-files.ts';
import { DeviceSwitchboard } from './device-switchboard.ts';
import { HubClient } from './hub-client.ts';
import { MemoryHubStore } from './memory-hub-store.ts';
import { RedisHubStore } from './redis-hub-store.ts';

const agreeAgainMs = 2_000;

/** Both sides of being a hub: the devices that join this box, and the hub that this box joins. */
export class Hub {
  readonly store: HubStore;
  readonly switchboard: DeviceSwitchboard;
  readonly #client: HubClient;
  readonly #sessions: WatchSessions;
  readonly #tokens: TokenKeeper;
  readonly #clock: Clock;
  #cancelAgree: () => void = () => {};

  constructor(options: {
    settings: () => Settings;
    /** File of the enrolled devices, where no Redis is set. */
    path: string;
    sessions: WatchSessions;
    own: WatchedDevice;
    presence: () => DevicePresence;
    tokens: TokenKeeper;
    clock: Clock;
    logger: Logger;
    /** Told what keeps the hub (`hub`) or its Redis (`redis`) from working, and null once it works. */
    report: (part: 'hub' | 'redis', problem: Problem | null) => void;
    torn: TornFiles;
  }) {
    const { settings, path, sessions, own, presence, tokens, clock, logger, report, torn } = options;
    const { redisUrl } = settings().hub;
    const deviceId = () => settings().device.id;
    this.store =
      redisUrl === null
        ? new MemoryHubStore({ path, clock, logger, onTorn: torn.about('devices') })
        : new RedisHubStore({
            url: redisUrl,
            logger,
            onTrouble: (problem) => report('redis', problem === null ? null : redisProblem(problem)),
          });
    this.switchboard = new DeviceSwitchboard({
      store: this.store,
      sessions,
      own: { id: deviceId, device: own },
      nodeId: randomUUID(),
      clock,
      logger,
    });
    this.#client = new HubClient({
      settings: () => settings().hub,
      deviceId,
      device: own,
      sessions,
      presence,
      clock,
      logger,
      onTrouble: (problem) => report('hub', problem === null ? null : hubProblem(problem)),
    });
    this.#sessions = sessions;
    this.#tokens = tokens;
    this.#clock = clock;
  }

  /** Joins the hub that is set, whether the store of this one works or not. May be called again after it failed. */
  async start(): Promise<void> {
    this.#client.start();
    await this.store.start();
    await this.switchboard.start();
    await this.#agreeOnKey();
  }

  applySettings(): void {
    this.#client.applySettings();
  }

  /** How this box is has changed: its hub is told. */
  announcePresence(): void {
    this.#client.announcePresence();
  }

  async close(): Promise<void> {
    this.#cancelAgree();
    this.#client.close();
    this.#sessions.close();
    await this.switchboard.close();
    await this.store.close();
  }

  /** The box serves its own viewers meanwhile; tokens made before are asked for again by their pages. */
  async #agreeOnKey(): Promise<void> {
    try {
      await this.#tokens.agree((own) => this.store.sharedKey(own));
    } catch {
      this.#cancelAgree = this.#clock.after(agreeAgainMs, () => void this.#agreeOnKey());
    }
  }
}

function hubProblem(cause: string): Problem {
  return {
    code: 'hub-unreachable',
    message: `The hub cannot be joined: ${cause}.`,
    action: 'Check hub.url and hub.key, and that the hub is running. The box tries again by itself.',
  };
}

function redisProblem(cause: string): Problem {
  return {
    code: 'redis-unreachable',
    message: `Redis cannot be reached: ${cause}.`,
    action: 'Check hub.redisUrl, and that Redis is running. The box tries again by itself.',
  };
}
