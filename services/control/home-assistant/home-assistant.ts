import type { Clock } from '#core/domain/clock.ts';
import type { Problem } from '#core/domain/problem.ts';
import { SerialQueue } from '#core/domain/serial-queue.ts';
import type { Settings } from '#core/domain/settings.ts';
import type { TelemetryReading } from '#core/domain/telemetry.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { version } from '#core/version.ts';
import type { Audience } from '../domain/audience.ts';
import type { Broadcast } from '../domain/broadcast.ts';
import type { Snapshots } from '../outputs/snapshots.ts';
import type { Recordings } from '../recordings/recordings.ts';
import type { Broker, BrokerOptions } from './broker.ts';
import { baseTopicOf, type DiscoveryMessage, discoveryMessages, nodeIdOf } from './discovery.ts';

type MqttSettings = Settings['mqtt'];

/** Enough for a card of Home Assistant's, and little to encode. */
const pictureWidth = 640;
/** Changes within this time are one. */
const batchMs = 100;
/** A broker that is slow to say farewell keeps nobody from stopping. */
const farewellMs = 500;

interface HomeAssistantOptions {
  settings: () => Settings;
  broadcast: Broadcast;
  audience: Audience;
  telemetry: { current: TelemetryReading };
  recordings: Pick<Recordings, 'state' | 'startByHand' | 'stop'>;
  snapshots: Pick<Snapshots, 'take'>;
  problems: () => readonly Problem[];
  /** For browsers: the studio. */
  studioUrl: () => string;
  clock: Clock;
  logger: Logger;
  /** Told what keeps the broker from being used, and null once it is. */
  report: (problem: Problem | null) => void;
  /** The library is loaded where a broker is set. */
  openBroker?: (options: BrokerOptions) => Promise<Pick<Broker, 'publish' | 'subscribe' | 'close'>>;
}

/**
 * The box as a device of Home Assistant's, by MQTT discovery: camera, switches, figures; availability by the last will.
 * What is published is retained, so that any MQTT client finds it, and taken away again where MQTT is switched off.
 */
export class HomeAssistant {
  readonly #options: HomeAssistantOptions;
  #inForce: MqttSettings | null = null;
  #nodeId = '';
  #broker: Pick<Broker, 'publish' | 'subscribe' | 'close'> | null = null;
  #connected = false;
  /** By topic, what the broker holds. */
  readonly #published = new Map<string, string>();
  #cancelBatch: (() => void) | null = null;
  #cancelPictures: () => void = () => {};
  readonly #queue = new SerialQueue();
  #closed = false;

  constructor(options: HomeAssistantOptions) {
    this.#options = options;
  }

  /**
   * Connects where a broker is set, by the settings of now: also when they changed, and after it failed.
   * @throws Error where the library cannot be loaded, or takes no such address
   */
  async start(): Promise<void> {
    await this.#queue.run(() => this.#apply());
  }

  /** Something that is shown changed. */
  announce(): void {
    if (this.#broker === null || this.#closed) return;
    this.#cancelBatch ??= this.#options.clock.after(batchMs, () => {
      this.#cancelBatch = null;
      this.#publishAll();
    });
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelBatch?.();
    this.#cancelPictures();
    await this.#queue.settled;
    await this.#leave(false);
  }

  async #apply(): Promise<void> {
    const { settings } = this.#options;
    const { mqtt, device } = settings();
    const nodeId = nodeIdOf(device.id);
    const isSame = JSON.stringify([mqtt, nodeId]) === JSON.stringify([this.#inForce, this.#nodeId]);
    if (this.#closed || (isSame && (mqtt.url === null || this.#broker !== null))) return;
    const before = this.#inForce;
    const moves =
      before?.url !== mqtt.url || before.discoveryPrefix !== mqtt.discoveryPrefix || this.#nodeId !== nodeId;
    await this.#leave(moves);
    this.#options.report(null);
    this.#inForce = mqtt;
    this.#nodeId = nodeId;
    if (mqtt.url === null) return;
    const { openBroker = openBundledBroker } = this.#options;
    const base = baseTopicOf(nodeId);
    this.#broker = await openBroker({
      url: mqtt.url,
      username: mqtt.username,
      password: mqtt.password,
      verifyCertificate: mqtt.verifyCertificate,
      clientId: `onair-${nodeId}`.slice(0, 64),
      will: { topic: `${base}/availability`, payload: 'offline' },
      onConnected: () => this.#welcome(),
      onTrouble: (error) => this.#miss(error),
      onMessage: (topic, payload, retained) => this.#receive(topic, payload, retained),
    });
  }

  #welcome(): void {
    const { logger, report, clock, settings } = this.#options;
    const { discoveryPrefix, pictureSeconds } = settings().mqtt;
    const base = baseTopicOf(this.#nodeId);
    this.#connected = true;
    report(null);
    logger.info({ broker: settings().mqtt.url }, 'the MQTT broker is there');
    this.#broker?.subscribe([`${base}/live/set`, `${base}/recording/set`, `${discoveryPrefix}/status`]);
    this.#published.clear();
    this.#publishAll();
    this.#cancelPictures();
    if (pictureSeconds > 0) {
      this.#cancelPictures = clock.every(pictureSeconds * 1_000, () => void this.#publishPicture());
    }
    void this.#publishPicture();
  }

  #miss(error: Error): void {
    const { logger, report } = this.#options;
    if (this.#connected) logger.warn({ err: error }, 'the MQTT broker is gone');
    else logger.debug({ err: error }, 'the MQTT broker cannot be reached');
    const wasConnected = this.#connected;
    this.#connected = false;
    this.#cancelPictures();
    // What was told first says more than the closing that follows it.
    const isClosing = error.message === 'the connection is closed';
    if (!isClosing || wasConnected) report(brokerProblem(error));
  }

  /** Home Assistant asks again what there is at its start ("online" at its birth topic). */
  #receive(topic: string, payload: string, retained: boolean): void {
    const { broadcast, recordings, logger, settings } = this.#options;
    const base = baseTopicOf(this.#nodeId);
    if (topic === `${settings().mqtt.discoveryPrefix}/status`) {
      if (payload !== 'online') return;
      this.#published.clear();
      this.#publishAll();
      void this.#publishPicture();
      return;
    }
    const on = payload === 'ON';
    // A command that somebody left with the broker is of another time: it must not go live by itself at each start.
    if (retained || (!on && payload !== 'OFF')) return;
    logger.info({ topic, payload }, 'asked by MQTT');
    try {
      if (topic === `${base}/live/set`) {
        if (on) broadcast.start();
        else broadcast.stop();
      } else if (topic === `${base}/recording/set`) {
        if (on) recordings.startByHand();
        else recordings.stop();
      }
    } catch (error) {
      logger.warn({ err: error, topic }, 'what was asked by MQTT cannot be done');
    }
    // A switch that did not move says so, though nothing changed.
    this.#published.delete(`${base}/live`);
    this.#published.delete(`${base}/recording`);
    this.announce();
  }

  #publishAll(): void {
    if (!this.#connected) return;
    const { broadcast, audience, telemetry, recordings, problems } = this.#options;
    const base = baseTopicOf(this.#nodeId);
    const { state, reason } = broadcast.snapshot;
    const { batteryPercent, temperatureCelsius } = telemetry.current;
    for (const { topic, payload } of this.#discovery) this.#publish(topic, payload);
    const found = problems();
    const recording = recordings.state.state;
    this.#publish(`${base}/state`, state);
    this.#publish(`${base}/reason`, JSON.stringify(reason ?? {}));
    this.#publish(`${base}/live`, broadcast.wanted ? 'ON' : 'OFF');
    this.#publish(`${base}/recording`, recording === 'recording' || recording === 'waiting' ? 'ON' : 'OFF');
    this.#publish(`${base}/viewers`, String(audience.viewers));
    if (batteryPercent !== null) this.#publish(`${base}/battery`, String(Math.round(batteryPercent)));
    if (temperatureCelsius !== null) this.#publish(`${base}/temperature`, temperatureCelsius.toFixed(1));
    this.#publish(`${base}/problem`, found.length > 0 ? 'ON' : 'OFF');
    this.#publish(`${base}/problems`, JSON.stringify({ problems: found }));
    this.#publish(`${base}/availability`, 'online');
  }

  get #discovery(): DiscoveryMessage[] {
    const { settings, telemetry, studioUrl } = this.#options;
    const { device, mqtt } = settings();
    return discoveryMessages({
      nodeId: this.#nodeId,
      name: device.name,
      version,
      studioUrl: studioUrl(),
      discoveryPrefix: mqtt.discoveryPrefix,
      hasBattery: telemetry.current.batteryPercent !== null,
      hasTemperature: telemetry.current.temperatureCelsius !== null,
      hasCamera: mqtt.pictureSeconds > 0,
    });
  }

  #publish(topic: string, payload: string): void {
    if (this.#published.get(topic) === payload) return;
    this.#published.set(topic, payload);
    this.#broker?.publish(topic, payload, true);
  }

  /** Off the air the last picture stays, as a camera that is off keeps it. */
  async #publishPicture(): Promise<void> {
    const { snapshots, broadcast, settings } = this.#options;
    if (!this.#connected || settings().mqtt.pictureSeconds === 0 || !broadcast.wanted) return;
    const picture = await snapshots.take(pictureWidth).catch(() => null);
    if (picture !== null) this.#broker?.publish(`${baseTopicOf(this.#nodeId)}/picture`, picture, true);
  }

  /** @param forGood the entities go as well, where MQTT is off or another broker is set */
  async #leave(forGood: boolean): Promise<void> {
    const broker = this.#broker;
    this.#broker = null;
    this.#cancelPictures();
    this.#cancelBatch?.();
    this.#cancelBatch = null;
    if (broker === null) return;
    const base = baseTopicOf(this.#nodeId);
    if (this.#connected) {
      broker.publish(`${base}/availability`, 'offline', true);
      if (forGood) {
        for (const topic of this.#published.keys())
          if (topic.endsWith('/config')) broker.publish(topic, '', true);
        broker.publish(`${base}/picture`, '', true);
      }
    }
    this.#connected = false;
    this.#published.clear();
    await Promise.race([
      broker.close(),
      new Promise<void>((resolve) => this.#options.clock.after(farewellMs, resolve)),
    ]);
  }
}

async function openBundledBroker(options: BrokerOptions): Promise<Broker> {
  const { Broker } = await import('./broker.ts');
  return new Broker(options);
}

function brokerProblem(error: Error): Problem {
  const { code } = error as Error & { code?: unknown };
  // MQTT 3.1.1, 3.2.2.3: bad user name or password, not authorized.
  if (code === 4 || code === 5) {
    return {
      code: 'mqtt-refused',
      message: 'The MQTT broker does not take the user name and password.',
      action: 'Check mqtt.username and mqtt.password. The box tries again by itself.',
    };
  }
  const cause = error.message || (typeof code === 'string' ? code : 'no answer');
  return {
    code: 'mqtt-unreachable',
    message: `The MQTT broker cannot be reached: ${cause.replace(/\.$/, '')}.`,
    action: 'Check mqtt.url, and that the broker is running. The box tries again by itself.',
  };
}
