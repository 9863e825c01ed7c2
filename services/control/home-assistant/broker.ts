import { connect, type IClientOptions, type MqttClient } from 'mqtt';

/** Loaded where a broker is set, and not before. */

export interface BrokerOptions {
  url: string;
  username: string | null;
  password: string | null;
  verifyCertificate: boolean;
  clientId: string;
  will: { topic: string; payload: string };
  onConnected: () => void;
  /** What keeps it from working, as the library says it. */
  onTrouble: (error: Error) => void;
  onMessage: (topic: string, payload: string, retained: boolean) => void;
}

const connectTimeoutMs = 5_000;
const reconnectEveryMs = 5_000;
const keepAliveSeconds = 30;
const maxCommandBytes = 1_024;

/** One connection to an MQTT broker, tried again for as long as it is open. */
export class Broker {
  readonly #client: MqttClient;

  constructor(options: BrokerOptions) {
    const { url, username, password, clientId, will, verifyCertificate } = options;
    const settings: IClientOptions = {
      clientId,
      ...(username === null ? {} : { username }),
      ...(password === null ? {} : { password }),
      will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: true },
      connectTimeout: connectTimeoutMs,
      reconnectPeriod: reconnectEveryMs,
      keepalive: keepAliveSeconds,
      rejectUnauthorized: verifyCertificate,
      // What could not be said is out of date by the time that the broker is back.
      queueQoSZero: false,
      resubscribe: false,
      // Retry after a refused password too: the operator may be setting it at the broker now.
      reconnectOnConnackError: true,
    };
    this.#client = connect(url, settings);
    this.#client.on('connect', () => options.onConnected());
    this.#client.on('error', (error) => options.onTrouble(error));
    this.#client.on('close', () => options.onTrouble(new Error('the connection is closed')));
    this.#client.on('message', (topic, payload, { retain }) => {
      if (payload.length <= maxCommandBytes) options.onMessage(topic, payload.toString(), retain);
    });
  }

  /** Says it where the broker is there; else it is lost. */
  publish(topic: string, payload: string | Buffer, retain: boolean): void {
    if (this.#client.connected) this.#client.publish(topic, payload, { qos: 0, retain }, () => {});
  }

  subscribe(topics: string[]): void {
    this.#client.subscribe(topics, { qos: 1 }, (error) => {
      if (error) this.#client.emit('error', error);
    });
  }

  /** Resolves once what was published has left, or at once where the broker is away. */
  async close(): Promise<void> {
    const gone = !this.#client.connected;
    this.#client.removeAllListeners('close');
    await new Promise<void>((resolve) => this.#client.end(gone, {}, () => resolve()));
  }
}
