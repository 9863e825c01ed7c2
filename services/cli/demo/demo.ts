import { mkdir, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { audioSource, videoSource } from '#core/domain/media.ts';
import type { BoardReport } from '#core/hardware/virtual-board.ts';
import { ApiClient } from '#core/protocol/client.ts';
import { followStatus, type LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { onLines } from '#core/runtime/lines.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';
import { type Paths, pathsFrom } from '#core/runtime/paths.ts';
import { CliError } from '../cli-error.ts';
import { press } from '../commands/press.ts';
import { demoDirectory } from '../state-directory.ts';
import { isTcpPortFree, isUdpPortFree } from './free-port.ts';
import { qrCode } from './qr-code.ts';
import { lightLine, stateLine, time } from './state-line.ts';
import { Supervisor } from './supervisor.ts';

interface DemoOptions {
  port: string | undefined;
  httpsPort: string | undefined;
  state: string | undefined;
  source: string | undefined;
  verbose: boolean;
}

const daemons = ['control', 'media', 'egress', 'panel', 'console', 'outputs', 'update'] as const;
const defaultHttpPort = 8080;
const defaultHttpsPort = 8443;
const defaultWebrtcPort = 8189;
const defaultRtspPort = 8554;
const defaultRtmpPort = 1935;
const defaultSrtPort = 9710;
const reconnectMs = 100;
/** unix(7): `sun_path` has 108 bytes with its end; what is longer would be cut off without a word. */
const maxSocketPathBytes = 107;
const ready = 'control';

/** `onair demo`: the whole appliance in the foreground, on the virtual board, until Ctrl-C. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const port = portFrom('--port', options.port, defaultHttpPort);
  const wantedHttpsPort = portFrom('--https-port', options.httpsPort, port === 0 ? 0 : defaultHttpsPort);
  const source = videoSource.safeParse(options.source ?? 'test');
  if (!source.success) throw new CliError(2, `--source ${source.error.issues[0]?.message}.`);
  const state = resolve(options.state ?? process.env.ONAIR_STATE ?? demoDirectory(process.env));
  const paths = pathsFrom({ ONAIR_STATE: state });
  await refuseSecond(paths);
  await prepare(paths);
  let httpPort = port;
  const say = (line: string): void => console.log(line);
  // Any port for the page means that there are several appliances on one machine in mind.
  const webrtcPort = port !== 0 && (await isUdpPortFree(defaultWebrtcPort)) ? defaultWebrtcPort : 0;
  if (port !== 0 && webrtcPort === 0)
    say(`UDP port ${defaultWebrtcPort} is taken: WebRTC uses a free one instead.`);
  const rtspPort = port !== 0 && (await isTcpPortFree(defaultRtspPort)) ? defaultRtspPort : 0;
  if (port !== 0 && rtspPort === 0)
    say(`TCP port ${defaultRtspPort} is taken: RTSP uses a free one instead.`);
  const rtmpPort = port !== 0 && (await isTcpPortFree(defaultRtmpPort)) ? defaultRtmpPort : 0;
  if (port !== 0 && rtmpPort === 0)
    say(`TCP port ${defaultRtmpPort} is taken: RTMP uses a free one instead.`);
  const srtPort = port !== 0 && (await isUdpPortFree(defaultSrtPort)) ? defaultSrtPort : 0;
  if (port !== 0 && srtPort === 0) say(`UDP port ${defaultSrtPort} is taken: SRT uses a free one instead.`);
  let httpsPort = (await isTcpPortFree(wantedHttpsPort)) ? wantedHttpsPort : 0;
  if (httpsPort !== wantedHttpsPort)
    say(`TCP port ${wantedHttpsPort} is taken: HTTPS uses a free one instead.`);

  const demo = new Demo(paths, say, (chosen) => {
    // Also after a restart of control: pages that are open come back to it.
    httpPort = chosen.http ?? httpPort;
    httpsPort = chosen.https ?? httpsPort;
  });
  const supervisor = new Supervisor({
    bundles: dirname(fileURLToPath(import.meta.url)),
    names: daemons,
    environment: () => ({
      ...process.env,
      ONAIR_STATE: state,
      ONAIR_DATA: state,
      ONAIR_BOARD: 'virtual',
      ONAIR_CONSOLE_SOCKET: paths.consoleSocket,
      ONAIR_SUPERVISED: '1',
      ONAIR_HTTP_PORT: String(httpPort),
      ONAIR_HTTPS_PORT: String(httpsPort),
      ONAIR_SETTINGS: JSON.stringify(
        settingsOf(absolute(source.data), { webrtcPort, rtspPort, rtmpPort, srtPort }),
      ),
    }),
    logDirectory: join(state, 'logs'),
    onLog: (line) => options.verbose && say(line),
    onLogDropped: (name, why) =>
      say(`${time(new Date())}  the log of ${name} is not written any more: ${why}`),
    onFallen: (name, why) => {
      const what = why === null ? 'has ended' : `fell (${why})`;
      say(`${time(new Date())}  ${name} ${what}, starting it again`);
    },
    onFailed: (name, why) => {
      if (name === ready) demo.fail(why);
    },
  });
  supervisor.start();
  try {
    await demo.run({ logDirectory: join(state, 'logs') });
  } finally {
    demo.close();
    await supervisor.close();
  }
}

/** What people see of a demo: the address, the state, the lights. */
class Demo {
  readonly #paths: Paths;
  readonly #api: ApiClient<'operator'>;
  readonly #say: (line: string) => void;
  readonly #onPorts: (ports: LinkStatusBody['ports']) => void;
  readonly #end: Promise<void>;
  #stop: () => void = () => {};
  #fail: (error: Error) => void = () => {};
  #closed = false;
  #greeted = false;
  #rtspPort: number | null = null;
  #stateLine = '';
  #lightLine = '';

  /** @param onPorts told of the ports of the web page as soon as they are known */
  constructor(paths: Paths, say: (line: string) => void, onPorts: (ports: LinkStatusBody['ports']) => void) {
    this.#paths = paths;
    this.#api = new ApiClient(linkTransport(paths.controlSocket));
    this.#say = say;
    this.#onPorts = onPorts;
    this.#end = new Promise((resolveEnd, reject) => {
      this.#stop = resolveEnd;
      this.#fail = reject;
    });
  }

  /** Resolves at Ctrl-C or SIGTERM; rejects where the appliance can't start. */
  async run({ logDirectory }: { logDirectory: string }): Promise<void> {
    process.once('SIGINT', this.#stop);
    process.once('SIGTERM', this.#stop);
    process.once('SIGHUP', this.#stop);
    void this.#followStatus(logDirectory);
    this.#followLights();
    this.#listenToKeys();
    await this.#end;
    this.#say('\nStopping.');
  }

  /** Something that must run can't. */
  fail(why: string): void {
    if (!this.#greeted) this.#fail(new CliError(1, why));
  }

  close(): void {
    this.#closed = true;
    process.stdin.setRawMode?.(false);
    process.stdin.pause();
  }

  async #followStatus(logDirectory: string): Promise<void> {
    const again = (): void => {
      if (!this.#closed) setTimeout(() => void this.#followStatus(logDirectory), reconnectMs);
    };
    try {
      await this.#api.follow(followStatus, (status) => this.#show(status, logDirectory), again);
    } catch {
      again();
    }
  }

  #show(status: LinkStatusBody, logDirectory: string): void {
    if (this.#closed) return;
    this.#onPorts(status.ports);
    if (!this.#greeted) {
      this.#greeted = true;
      this.#greet(status, logDirectory);
    }
    if (status.ports.rtsp !== null && status.ports.rtsp !== this.#rtspPort) {
      this.#rtspPort = status.ports.rtsp;
      this.#say(`  VLC, OBS     rtsp://localhost:${status.ports.rtsp}/live`);
    }
    const line = stateLine(status, new Date());
    const change = line.slice(10); // without the time
    if (change === this.#stateLine) return;
    this.#stateLine = change;
    this.#say(line);
  }

  #greet({ ports, device }: LinkStatusBody, logDirectory: string): void {
    const local = `http://localhost:${ports.http}`;
    const shared = device.address ?? local;
    this.#say(`\n${qrCode(shared)}\n`);
    this.#say(`  Watch at     ${local}${device.address ? `  or  ${device.address}` : ''}`);
    if (ports.https !== null)
      this.#say(`               https://localhost:${ports.https}  (its certificate: ${local}/trust)`);
    const keys = process.stdin.isTTY ? 'Space, or ' : '';
    const state =
      this.#paths.runtimeDirectory === demoDirectory(process.env)
        ? ''
        : ` --state ${this.#paths.runtimeDirectory}`;
    this.#say(`  Press        ${keys}bin/onair press${state}   (live, and again: stop)`);
    this.#say(`  Serial line  bin/onair console${state}`);
    this.#say(`  Logs         ${logDirectory}`);
    this.#say(`  End          Ctrl-C\n`);
  }

  #followLights(): void {
    if (this.#closed) return;
    const board = connect(this.#paths.boardSocket);
    board.on('error', () => {}); // the panel is not there yet, or again: 'close' follows
    board.on('close', () => setTimeout(() => this.#followLights(), reconnectMs));
    onLines(board, (text) => {
      const report = JSON.parse(text) as BoardReport;
      if (!('lights' in report) || this.#closed) return;
      const line = lightLine(report.lights, new Date());
      if (line.slice(10) === this.#lightLine) return;
      this.#lightLine = line.slice(10);
      this.#say(line);
    });
  }

  /** In a terminal the space bar is the button. */
  #listenToKeys(): void {
    if (!process.stdin.isTTY) return;
    process.stdin.setRawMode(true);
    process.stdin.on('data', (keys) => {
      for (const key of String(keys)) {
        if (key === '\u0003' || key === 'q') this.#stop();
        else if (key === ' ' || key === '\r') {
          press(this.#paths, { long: false }).catch((error: Error) => this.#say(error.message));
        }
      }
    });
  }
}

function portFrom(option: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535 && text.trim() !== '') return port;
  throw new CliError(2, `${option} takes a number from 0 to 65535, not ${text}.`);
}

/** The file that the user named, as the daemons will see it. */
function absolute(source: string): string {
  return source.startsWith('file:') ? `file:${resolve(source.slice('file:'.length))}` : source;
}

function settingsOf(
  source: string,
  ports: Record<'webrtcPort' | 'rtspPort' | 'rtmpPort' | 'srtPort', number>,
): object {
  const { webrtcPort, rtspPort, rtmpPort, srtPort } = ports;
  const audio = audioSource.parse('auto');
  return {
    video: { source },
    audio: { source: audio },
    webrtc: { port: webrtcPort },
    rtsp: { port: rtspPort },
    ingest: { rtmpPort, srtPort },
  };
}

async function refuseSecond(paths: Paths): Promise<void> {
  const running = await new Promise<boolean>((settle) => {
    const socket = connect(paths.controlSocket);
    socket.once('connect', () => settle(true));
    socket.once('error', () => settle(false));
    socket.once('close', () => socket.destroy());
    socket.once('connect', () => socket.destroy());
  });
  if (running) {
    throw new CliError(
      1,
      `An Onair is running in ${paths.runtimeDirectory} already. Stop it, or take another --state DIR.`,
    );
  }
}

/** Its sockets are made there: without them nothing can run. */
async function refuseReadOnly(directory: string): Promise<void> {
  const probe = join(directory, `.writable-${process.pid}`);
  try {
    await writeFile(probe, '');
    await rm(probe, { force: true });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOSPC' || code === 'EDQUOT') return; // sockets fit all the same
    const why = code === 'EROFS' ? 'is read-only' : `can't be written to (${code})`;
    throw new CliError(1, `The folder ${directory} ${why}. Take another --state DIR, or make it writable.`);
  }
}

/** A fresh boot: what is wanted, and how things stood, is forgotten; settings stay. */
async function prepare(paths: Paths): Promise<void> {
  const sockets = [paths.consoleSocket, ...Object.values(paths.linkSockets)];
  if (sockets.some((path) => Buffer.byteLength(path) > maxSocketPathBytes)) {
    throw new CliError(
      2,
      `The path ${paths.runtimeDirectory} is too long for the sockets in it. Take a shorter --state DIR.`,
    );
  }
  try {
    await mkdir(paths.runtimeDirectory, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new CliError(
      1,
      `The folder ${paths.runtimeDirectory} can't be made: ${error instanceof Error ? error.message : error}.`,
    );
  }
  // Before anything is made in it: Node.js says ENOENT of what is made with its parents on a read-only file system.
  await refuseReadOnly(paths.runtimeDirectory);
  await mkdir(join(paths.runtimeDirectory, 'logs'), { recursive: true, mode: 0o700 });
  for (const name of [
    'desired.json',
    'media-sequence',
    'control-starts.json',
    'control.sock',
    'board.sock',
  ]) {
    await rm(join(paths.runtimeDirectory, name), { force: true });
  }
}
