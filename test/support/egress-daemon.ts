import { type ChildProcess, spawn } from 'node:child_process';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { FromEgress, ToEgress } from '#core/protocol/link/egress.ts';
import { ControlStandIn } from './egress-control.ts';
import type { WebRtcViewer } from './webrtc-viewer.ts';

type Configuration = Extract<ToEgress, { type: 'egress_configure' }>['payload'];
export type Ready = Extract<FromEgress, { type: 'egress_ready' }>['payload'];

const checkout = fileURLToPath(new URL('../..', import.meta.url));
let bundled: Promise<string> | null = null;

/** The daemon as it ships, built once for a test file: from source each start would cost a second. */
async function bundle(): Promise<string> {
  // Inside the checkout, where the native module is found.
  const outdir = join(checkout, '.onair', `egress-test-${process.pid}`);
  process.once('exit', () => rmSync(outdir, { recursive: true, force: true }));
  await build({
    absWorkingDir: checkout,
    entryPoints: { egress: 'services/egress/main.ts' },
    outdir,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    external: ['node-datachannel', 'bufferutil', 'utf-8-validate'],
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module';const require = __createRequire(import.meta.url);",
    },
  });
  return join(outdir, 'egress.js');
}

/** The daemon as a process of its own, with a stand-in for control at the other end of its link. */
export class EgressDaemon {
  readonly control: ControlStandIn;
  readonly process: ChildProcess;
  readonly exited: Promise<number | null>;
  log = '';
  failures: string[] = [];

  static async start(): Promise<EgressDaemon> {
    bundled ??= bundle();
    const entry = await bundled;
    const control = await ControlStandIn.start();
    const daemon = new EgressDaemon(control, entry);
    await control.next('daemon_hello', () => true, 20_000);
    return daemon;
  }

  private constructor(control: ControlStandIn, entry: string) {
    this.control = control;
    const { NODE_OPTIONS: _, ...environment } = process.env;
    this.process = spawn(process.execPath, [entry], {
      env: { ...environment, ONAIR_STATE: control.directory, ONAIR_LOG_LEVEL: 'info' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream?.on('data', (text) => {
        this.log += text;
      });
    }
    this.process.on('message', (message: { failed?: string }) => {
      if (message.failed) this.failures.push(message.failed);
    });
    this.exited = once(this.process, 'exit').then(([code]) => code as number | null);
  }

  configure(changes: Partial<Configuration> = {}): void {
    const usual: Configuration = {
      engine: 'native',
      port: 0,
      bindAddress: '127.0.0.1',
      iceServers: [],
      bitrate: { ceilingKbps: 3_000, adaptive: true },
    };
    this.control.send({ type: 'egress_configure', payload: { ...usual, ...changes } });
  }

  async configured(changes: Partial<Configuration> = {}): Promise<Ready> {
    this.configure(changes);
    return await this.control.next('egress_ready', () => true, 15_000);
  }

  /** Asks to watch and answers the viewer, by way of `edit`; resolves when egress says that it is connected. */
  async join(sessionId: string, viewer: WebRtcViewer, edit = (answer: string) => answer): Promise<string> {
    this.ask(sessionId, await viewer.offer({ bare: true }));
    const { sdp } = await this.control.next(
      'signal_answer',
      (answer) => answer.session_id === sessionId,
      10_000,
    );
    viewer.accept(edit(sdp.sdp));
    const isConnected = (watch: { session_id: string; state: string }): boolean =>
      watch.session_id === sessionId && watch.state === 'connected';
    await this.control.next('egress_watch', isConnected, 10_000);
    return sdp.sdp;
  }

  ask(sessionId: string, offer: string): void {
    const session_id = sessionId;
    this.control.send({
      type: 'watch_request',
      payload: { session_id, user_id: `user-${sessionId}`, ice_servers: [] },
    });
    this.control.send({ type: 'signal_offer', payload: { session_id, sdp: { type: 'offer', sdp: offer } } });
  }

  async stop(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGKILL');
    await this.exited;
    await this.control.close();
  }
}

/** Sends packets to egress' input, as media does over loopback. */
export class RtpFeed {
  readonly #socket: Socket = createSocket('udp4');
  #timer: NodeJS.Timeout | null = null;

  send(port: number, packets: Buffer[]): void {
    for (const packet of packets) this.#socket.send(packet, port, '127.0.0.1');
  }

  /** What `next` gives, 30 times a second. */
  start(port: number, next: () => Buffer[]): void {
    this.stop();
    this.#timer = setInterval(() => this.send(port, next()), 33);
  }

  stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }

  close(): void {
    this.stop();
    this.#socket.close();
  }
}
