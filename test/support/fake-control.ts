import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { findingsOf } from '#control/domain/findings.ts';
import { initialSettings } from '#core/domain/settings.ts';
import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import type { IngestAddresses } from '#core/protocol/endpoints/ingest.ts';
import type { OutputBody } from '#core/protocol/endpoints/outputs.ts';
import type { RecordingState } from '#core/protocol/endpoints/recordings.ts';
import type { UpdateBody } from '#core/protocol/endpoints/update.ts';
import type { WifiBody } from '#core/protocol/endpoints/wifi.ts';
import { linkStatus } from './fake-box.ts';

type Routes = Record<string, (body: never, response: ServerResponse) => unknown>;

/** A refusal, as control words them. */
export class Refusal extends Error {
  readonly status: number;
  readonly body: object;

  constructor(status: number, code: string, title: string, action?: string) {
    super(title);
    this.status = status;
    this.body = { type: 'about:blank', status, code, title, ...(action ? { action } : {}) };
  }
}

const output: OutputBody = {
  ...{ id: 'out-1', name: 'Platform', kind: 'rtmp', url: 'rtmp://a.example/live', enabled: true },
  ...{ state: 'live', reason: null, since: null, bitrateKbps: 3_000, bytesSent: 1, reconnects: 0 },
  ...{ droppedFrames: 0, complaints: [] },
};

const way = { publisher: null, reason: null };
const ingest: IngestAddresses = {
  rtmp: { url: 'rtmp://192.0.2.7/live/a-key', server: 'rtmp://192.0.2.7/live', key: 'a-key', ...way },
  srt: { url: 'srt://192.0.2.7:9710?streamid=a-key', ...way },
  whip: { url: 'http://192.0.2.7/whip', token: 'a-key', ...way },
};
const brightness = {
  name: 'brightness',
  range: { minimum: -100, maximum: 100, step: 1 },
  choices: [],
  default: 0,
  value: 0,
  refused: false,
} as const;
const sources = {
  microphones: [],
  sources: [
    {
      id: 'test',
      name: 'Test picture',
      kind: 'test',
      setting: 'test',
      state: 'ready',
      reason: null,
      modes: null,
      controls: [brightness],
    },
  ],
  onAir: null,
  slate: false,
} as const;

const operator = {
  ...{ id: 'op-1', name: 'Kim', createdAt: '2026-01-02T03:04:05.000Z', lastSeenAt: null, current: false },
};

const storage = { kind: 'card', freeBytes: 4_000_000_000, minutesLeft: 150 } as const;
const update: UpdateBody = {
  current: '0.1.0',
  slot: 'A',
  available: null,
  state: 'idle',
  percent: null,
  reason: null,
};
const recording: RecordingState = {
  ...{ state: 'recording', reason: null, id: '2026-01-02_03-04-05_Live', durationSeconds: 61, storage },
};

/** Control as the console sees it: the API on the link's socket, with a box behind it that does what it is told. */
export class FakeControl {
  readonly socketPath: string;
  readonly asked: string[] = [];
  status: LinkStatusBody = { ...linkStatus(), daemons: { control: { pid: 1, up: true } } };
  settings: Record<string, Record<string, unknown>> = structuredClone(
    initialSettings({
      deviceId: 'box-1',
      streamId: '3f1c0a4e-6a53-4a52-9d6c-0d7c1c3a5b10',
    }),
  );
  wifi: WifiBody = {
    available: true,
    connected: null,
    saved: ['Attic'],
    accessPoint: null,
    joining: null,
    confirmBy: null,
    failure: null,
  };
  networks = [
    { ssid: 'Kitchen', signalPercent: 80, secured: true, saved: false },
    { ssid: 'Café au lait', signalPercent: 31, secured: false, saved: false },
  ];
  log = Array.from({ length: 40 }, (_, at) => ({
    at: `2026-01-02T03:04:${String(at + 10).padStart(2, '0')}.000Z`,
    daemon: 'media',
    level: 'info',
    message: `line ${at}`,
  }));
  /** Answers in place of the usual ones. */
  readonly overrides: Routes = {};
  readonly #server = createServer((request, response) => void this.#answer(request, response));
  readonly #sockets = new Set<Socket>();
  readonly #listeners = new Set<ServerResponse>();
  readonly #waiting: (() => void)[] = [];

  constructor(folder: string) {
    this.socketPath = join(folder, 'control.sock');
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
  }

  async start(): Promise<this> {
    this.#server.listen(this.socketPath);
    await once(this.#server, 'listening');
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (this.#server.listening) await new Promise((resolve) => this.#server.close(resolve));
  }

  /** A change of the status, which listeners hear. */
  become(change: Partial<LinkStatusBody['broadcast']>): void {
    this.status = { ...this.status, broadcast: { ...this.status.broadcast, ...change } };
    for (const listener of this.#listeners) this.#tell(listener);
  }

  /** Until so many listen to the status, and the first one is on its way to them. */
  async listenedToBy(count: number): Promise<void> {
    while (this.#listeners.size !== count) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    await setImmediate();
  }

  /** Ends the listeners' streams, after all that was told. */
  hangUp(): void {
    for (const listener of this.#listeners) listener.end();
    this.#listeners.clear();
  }

  readonly #routes: Routes = {
    'GET /api/v1/status': () => this.status,
    'GET /api/v1/events': (_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const wake = (): void => {
        for (const one of this.#waiting.splice(0)) one();
      };
      this.#listeners.add(response);
      response.on('close', () => {
        this.#listeners.delete(response);
        wake();
      });
      this.#tell(response);
      wake();
      return undefined;
    },
    'POST /api/v1/broadcast': () => {
      this.become({ state: 'starting' });
      process.nextTick(() => this.become({ state: 'live', startTime: '2026-01-02T03:04:05.000Z' }));
      return this.status;
    },
    'DELETE /api/v1/broadcast': () => {
      this.become({ state: 'stopping' });
      process.nextTick(() => this.become({ state: 'offline', startTime: null }));
      return this.status;
    },
    'GET /api/v1/settings': () => this.#readable(),
    'PATCH /api/v1/settings': (body: Record<string, Record<string, unknown>>) => this.#patch(body),
    'GET /api/v1/wifi': () => this.wifi,
    'POST /api/v1/wifi/scan': () => ({ networks: this.networks }),
    'POST /api/v1/wifi/join': (body: { ssid: string; passphrase?: string }) => this.#join(body),
    'DELETE /api/v1/wifi/networks/Attic': () => {
      this.wifi.saved = [];
      return null;
    },
    'POST /api/v1/pairing/code': () => ({
      code: '123456',
      expiresAt: '2026-01-02T03:09:05.000Z',
      locked: false,
    }),
    'GET /api/v1/devices': () => ({
      devices: [
        {
          id: 'box-1',
          name: 'Stage',
          online: true,
          own: true,
          presence: { temperature: 48.6, recording: false },
          lastSeenAt: null,
        },
      ],
    }),
    'POST /api/v1/recording': () => recording,
    'DELETE /api/v1/recording': () => ({ ...recording, state: 'off', id: null }),
    'GET /api/v1/recordings': () => ({ recordings: [], storage }),
    'GET /api/v1/update': () => update,
    'POST /api/v1/update': () => update,
    'POST /api/v1/update/rollback': () => update,
    'GET /api/v1/outputs': () => ({ outputs: [output] }),
    'POST /api/v1/outputs': (body: object) => ({ ...output, ...body, key: undefined, id: 'out-2' }),
    'PATCH /api/v1/outputs/out-1': (body: object) => ({ ...output, ...body }),
    'DELETE /api/v1/outputs/out-1': () => null,
    'POST /api/v1/restart': () => null,
    'GET /api/v1/findings': () => findingsOf(this.status, this.wifi),
    'GET /api/v1/sources': () => sources,
    'GET /api/v1/ingest': () => ingest,
    'PATCH /api/v1/sources/test/controls': () => ({ controls: [{ ...brightness, value: 10 }] }),
    'POST /api/v1/sources/test/take': () => ({ ...sources, onAir: 'test' }),
    'GET /api/v1/operators': () => ({ operators: [operator] }),
    'DELETE /api/v1/operators/op-1': () => null,
    'POST /api/v1/devices': ({ id }: { id: string }) => ({ id, key: 'the-key' }),
    'DELETE /api/v1/devices/box-2': () => null,
    'GET /api/v1/certificate': () => ({
      leaf: { sha256: 'AA:BB', notAfter: '2027-01-02T03:04:05.000Z', names: ['onair.local'] },
      authority: { sha256: 'CC:DD', notAfter: '2036-01-02T03:04:05.000Z' },
      owner: null,
      acme: null,
      port: 443,
    }),
  };

  #readable(): unknown {
    const { viewing = {}, ...rest } = this.settings;
    return { ...rest, viewing: { ...viewing, pin: { set: viewing.pin !== null } } };
  }

  #patch(body: Record<string, Record<string, unknown>>): unknown {
    const changed: string[] = [];
    for (const [group, values] of Object.entries(body)) {
      for (const [name, value] of Object.entries(values)) {
        if (name === 'hostname' && !/^[a-z0-9-]{1,63}$/.test(String(value)))
          throw new Refusal(400, 'invalid-message', 'network.hostname must be a-z, 0-9 and -.');
        if (name === 'name' && String(value).length > 64)
          throw new Refusal(400, 'invalid-message', 'device.name is too long.');
        const settings = this.settings[group] ?? {};
        if (settings[name] !== value) changed.push(`${group}.${name}`);
        settings[name] = value;
        if (name === 'hostname') this.status.device.hostname = String(value);
        if (name === 'name') this.status.device.name = String(value);
      }
    }
    const isAddress = changed.includes('network.hostname');
    return {
      changed,
      effect: isAddress ? 'address' : 'none',
      confirmBy: null, // who speaks over the link can't be cut off
      notInUse: null,
    };
  }

  #join({ ssid, passphrase }: { ssid: string; passphrase?: string }): unknown {
    if (!this.networks.some((network) => network.ssid === ssid))
      throw new Refusal(422, 'wifi-not-found', `${ssid} is not in reach.`, 'Bring the box nearer to it.');
    if (ssid === 'Kitchen' && passphrase !== 'good passphrase')
      throw new Refusal(422, 'wifi-wrong-passphrase', 'That is not the passphrase.', 'Try another one.');
    this.wifi = { ...this.wifi, connected: { ssid, signalPercent: 80 } };
    return { ssid, address: this.status.device.address, confirmBy: null };
  }

  #tell(listener: ServerResponse): void {
    listener.write(`event: status\ndata: ${JSON.stringify(this.status)}\n\n`);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const chunk of request) text += chunk;
    const key = `${request.method} ${request.url}`;
    this.asked.push(text ? `${key} ${text}` : key);
    const logs = /^GET \/api\/v1\/logs\?lines=(\d+)(?:&daemon=(\w+))?$/.exec(key);
    const route = this.overrides[key] ?? this.#routes[key];
    try {
      if (logs) {
        const [, count, daemon] = logs;
        const lines = this.log
          .filter((line) => daemon === undefined || line.daemon === daemon)
          .slice(-Number(count))
          .map((line) => `${JSON.stringify(line)}\n`);
        response.writeHead(200).end(lines.join(''));
        return;
      }
      if (!route) throw new Refusal(404, 'not-found', `There is nothing at ${request.url}.`);
      const body = route((text ? JSON.parse(text) : undefined) as never, response);
      if (body === undefined) return;
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      response
        .writeHead(error.status, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify(error.body));
    }
  }
}
