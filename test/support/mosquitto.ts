import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import mqtt, { type MqttClient } from 'mqtt';
import { freePort, ServerProgram } from './server-program.ts';

/** Debian's Mosquitto on loopback, for one user. */
export class TestBroker {
  readonly port: number;
  readonly #server: ServerProgram;
  readonly #clients: MqttClient[] = [];

  private constructor(port: number, server: ServerProgram) {
    this.port = port;
    this.#server = server;
  }

  static async start(user: { name: string; password: string }, port?: number): Promise<TestBroker> {
    const chosen = port ?? (await freePort());
    const server = await ServerProgram.start(
      // What it logs to standard output stays in its buffer.
      'sh',
      (folder) => {
        const passwords = join(folder, 'passwords');
        execFileSync('mosquitto_passwd', ['-b', '-c', passwords, user.name, user.password]);
        const configuration = join(folder, 'mosquitto.conf');
        writeFileSync(
          configuration,
          [
            `listener ${chosen} 127.0.0.1`,
            `password_file ${passwords}`,
            'allow_anonymous false',
            'user root', // else it gives up root and can't read its own file
            'persistence false',
            'log_dest stderr',
            '',
          ].join('\n'),
        );
        return ['-c', 'exec mosquitto -c "$0" 2>&1', configuration];
      },
      /running/,
    );
    return new TestBroker(chosen, server);
  }

  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Everything that is said under `topic`, as it comes. */
  async listen(user: { name: string; password: string }, topic: string): Promise<Heard> {
    const client = await mqtt.connectAsync(this.url, { username: user.name, password: user.password });
    this.#clients.push(client);
    const heard = new Heard(client);
    await client.subscribeAsync(topic);
    return heard;
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.end(true);
    await this.#server.close();
  }
}

/** The latest of each topic, and who waits for it. */
export class Heard {
  readonly latest = new Map<string, Buffer>();
  readonly #client: MqttClient;
  readonly #waiting = new Set<() => void>();

  constructor(client: MqttClient) {
    this.#client = client;
    client.on('message', (topic, payload) => {
      this.latest.set(topic, payload);
      for (const look of [...this.#waiting]) look();
    });
  }

  async say(topic: string, payload: string, options: { retain?: boolean } = {}): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos: 1, ...options });
  }

  /** The payload of a topic, now or when it comes, that fits. @throws Error where it isn't in time */
  async until(topic: string, fits: (payload: string) => boolean, withinMs = 30_000): Promise<string> {
    return await new Promise<string>((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`${topic} is ${this.latest.get(topic)?.toString().slice(0, 200)}`));
      }, withinMs);
      const look = (): void => {
        const payload = this.latest.get(topic)?.toString();
        if (payload === undefined || !fits(payload)) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(payload);
      };
      this.#waiting.add(look);
      look();
    });
  }
}
