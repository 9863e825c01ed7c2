import { type ChildProcess, spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { rmSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { type WebSocket, WebSocketServer } from 'ws';
import type { MediaRequest } from '#core/domain/media.ts';
import { decodeFragment, type Fragment } from '#core/protocol/fragment.ts';
import type { Unstamped } from '#core/protocol/link/daemon.ts';
import { type FromMedia, fromMedia, type ToMedia } from '#core/protocol/link/media.ts';

type Payloads = { [Message in FromMedia as Message['type']]: Message['payload'] };
export type MediaState = Payloads['media_state'];

interface Heard {
  message: [FromMedia];
  fragment: [Fragment];
  connected: [];
}

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** Control's end of the link, with nothing behind it, on a socket of its own. */
export class FakeControl extends EventEmitter<Heard> {
  readonly messages: FromMedia[] = [];
  readonly fragments: Fragment[] = [];
  readonly socketPath: string;
  #http: Server | null = null;
  #socket: WebSocket | null = null;

  constructor(folder: string) {
    super();
    this.setMaxListeners(50);
    this.socketPath = join(folder, 'link-media.sock');
  }

  async listen(): Promise<void> {
    const http = createServer();
    const sockets = new WebSocketServer({ server: http, path: '/link' });
    sockets.on('connection', (socket) => {
      this.#socket = socket;
      socket.on('message', (data: Buffer, isBinary) => {
        if (isBinary) this.#hearFragment(decodeFragment(data));
        else this.#hearMessage(fromMedia.parse(JSON.parse(String(data))));
      });
      this.emit('connected');
    });
    await new Promise<void>((resolve) => http.listen(this.socketPath, resolve));
    this.#http = http;
  }

  send(message: Unstamped<ToMedia>): void {
    this.#socket?.send(JSON.stringify({ ...message, ts: new Date().toISOString() }));
  }

  /** As if control had been killed. */
  async die(): Promise<void> {
    this.#socket?.terminate();
    this.#socket = null;
    const http = this.#http;
    this.#http = null;
    await new Promise((resolve) => (http ? http.close(resolve) : resolve(null)));
  }

  /** The first message, heard or yet to come from `from` on, that fits; an error after `withinMs`. */
  async message<Type extends keyof Payloads>(
    type: Type,
    fits: (payload: Payloads[Type]) => boolean,
    { withinMs = 30_000, from = this.messages.length, what = type as string } = {},
  ): Promise<Payloads[Type]> {
    const payloadOf = (message: FromMedia) => message.payload as Payloads[Type];
    const matches = (message: FromMedia) => message.type === type && fits(payloadOf(message));
    const old = this.messages.slice(from).find(matches);
    return payloadOf(old ?? (await this.#wait('message', matches, withinMs, what)));
  }

  state(state: MediaState['state'], options: { withinMs?: number; from?: number } = {}): Promise<MediaState> {
    return this.message('media_state', (payload) => payload.state === state, {
      ...options,
      what: `state ${state}`,
    });
  }

  fragment(fits: (fragment: Fragment) => boolean, { withinMs = 30_000, from = this.fragments.length } = {}) {
    const old = this.fragments.slice(from).find(fits);
    return old ? Promise.resolve(old) : this.#wait('fragment', fits, withinMs, 'fragment');
  }

  /** Initialisation segment and parts of one pipeline as one file, and how long its pictures last. */
  movie(pipelineId: string): { bytes: Buffer; seconds: number; parts: Fragment[] } {
    const own = this.fragments.filter(({ header }) => header.pipelineId === pipelineId);
    const init = own.find(({ header }) => header.kind === 'init');
    const parts = own.filter(({ header }) => header.kind === 'part');
    const seconds = parts.reduce(
      (sum, { header }) => sum + (header.kind === 'part' ? header.durationSeconds : 0),
      0,
    );
    return {
      bytes: Buffer.concat([init, ...parts].map((each) => each?.bytes ?? Buffer.alloc(0))),
      seconds,
      parts,
    };
  }

  #hearMessage(message: FromMedia): void {
    this.messages.push(message);
    this.emit('message', message);
  }

  #hearFragment(fragment: Fragment): void {
    this.fragments.push(fragment);
    this.emit('fragment', fragment);
  }

  #wait<Event extends 'message' | 'fragment'>(
    event: Event,
    fits: (heard: Heard[Event][0]) => boolean,
    withinMs: number,
    what: string,
  ): Promise<Heard[Event][0]> {
    return new Promise((resolve, reject) => {
      const listener = (heard: Heard[Event][0]) => {
        if (!fits(heard)) return;
        clearTimeout(timer);
        this.off(event, listener as never);
        resolve(heard);
      };
      const timer = setTimeout(() => {
        this.off(event, listener as never);
        const states = this.messages.filter(({ type }) => type === 'media_state').slice(-4);
        reject(new Error(`no ${what} within ${withinMs} ms; last states ${JSON.stringify(states)}`));
      }, withinMs);
      this.on(event, listener as never);
    });
  }
}

let bundled: Promise<string> | null = null;

/** The daemon as it ships, built once for this test file: from source each start would cost a second. */
function bundle(): Promise<string> {
  bundled ??= buildBundle();
  return bundled;
}

async function buildBundle(): Promise<string> {
  // Inside the checkout, where the native module is found.
  const outdir = join(checkout, '.onair', `media-test-${process.pid}`);
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  await build({
    absWorkingDir: checkout,
    entryPoints: {
      media: 'services/media/main.ts',
      'media-encoder': 'services/media/encoder/main.ts',
      'media-source': 'services/media/sources/main.ts',
      'media-preview': 'services/media/preview/main.ts',
    },
    outdir,
    bundle: true,
    platform: 'node',
    format: 'esm',
    external: ['gstreamer-superficial', 'bufferutil', 'utf-8-validate'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
    },
  });
  return join(outdir, 'media.js');
}

/** The real daemon in a state folder of its own, with a fake control. */
export class MediaDaemon {
  readonly control: FakeControl;
  readonly folder: string;
  readonly #process: ChildProcess;
  readonly #exited: Promise<number | null>;
  log = '';

  private constructor(folder: string, control: FakeControl, child: ChildProcess) {
    this.folder = folder;
    this.control = control;
    this.#process = child;
    this.#exited = new Promise((resolve) => child.once('exit', resolve));
    const keep = (text: Buffer) => {
      this.log = (this.log + text).slice(-100_000);
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
  }

  /** @param options.source from source through tsx, not bundled */
  static async start(options: { source?: boolean; entry?: string } = {}): Promise<MediaDaemon> {
    const entry = options.entry ?? (options.source ? 'services/media/main.ts' : await bundle());
    const folder = await mkdtemp(join(tmpdir(), 'onair-media-'));
    const control = new FakeControl(folder);
    await control.listen();
    const loader = entry.endsWith('.ts') ? ['--import', import.meta.resolve('tsx')] : [];
    const { NODE_OPTIONS: _, ...environment } = process.env;
    const child = spawn(process.execPath, [...loader, entry], {
      cwd: checkout,
      env: { ...environment, ONAIR_STATE: folder, ONAIR_LOG_LEVEL: process.env.ONAIR_LOG_LEVEL ?? 'debug' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const daemon = new MediaDaemon(folder, control, child);
    await control.message('daemon_hello', () => true, { from: 0, withinMs: 60_000 });
    return daemon;
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  exited(): Promise<number | null> {
    return this.#exited;
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode === null && this.#process.signalCode === null) this.signal('SIGKILL');
    await this.#exited;
    await this.control.die();
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The processes whose parent this is, oldest first. */
export async function childrenOf(parent: number): Promise<number[]> {
  const children: number[] = [];
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[1]) === parent && fields[0] !== 'Z') children.push(Number(entry));
  }
  return children.sort((a, b) => a - b);
}

/** Runs still; a zombie that nobody reaps does not. */
export async function isAlive(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return stat !== '' && !stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}

type RequestChange = Partial<Pick<MediaRequest, 'take' | 'slate' | 'holdSlate'>> & {
  video?: Partial<MediaRequest['video']>;
  audio?: Partial<MediaRequest['audio']>;
  hls?: MediaRequest['hls'];
  rtp?: MediaRequest['rtp'];
  overlay?: MediaRequest['overlay'];
  cameras?: MediaRequest['cameras'];
};

/** A small and cheap request, changed where a test cares. */
export function mediaRequest({ video, audio, ...rest }: RequestChange = {}): MediaRequest {
  return {
    video: {
      source: 'test',
      width: 640,
      height: 360,
      framesPerSecond: 30,
      bitrateKbps: 1_000,
      encoder: 'auto',
      rotate: 0,
      keyFrameIntervalSeconds: 1,
      fallback: [],
      slate: null,
      ...video,
    },
    audio: { source: 'auto', bitrateKbps: 96, muted: false, gainDb: 0, delayMs: 0, ...audio },
    hls: { partMs: 200 },
    take: null,
    holdSlate: false,
    slate: { name: 'Onair', words: 'Back in a moment' },
    overlay: null,
    cameras: {},
    rtp: null,
    ...rest,
  };
}
