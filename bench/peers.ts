import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Appliance } from '../test/support/appliance.ts';
import { percentile } from '../test/support/percentile.ts';
import { makeBusyClip } from './busy-clip.ts';
import type { Report } from './report.ts';

/** Fed alike, one after the other, again and again: the machine's moods hit both. */
const rounds = 2;
const viewerCounts = [10, 25, 50, 100];
const secondsEach = 10;

const quiet = ['-loglevel', 'error', '-nostdin'];
/** The encode that our box makes of the clip. */
const asOurs = [
  ...['-an', '-c:v', 'libx264', '-preset', 'superfast', '-tune', 'zerolatency', '-profile:v', 'baseline'],
  ...['-b:v', '3000k', '-maxrate', '3000k', '-bufsize', '1500k', '-g', '30', '-pix_fmt', 'yuv420p'],
];

/** One line of whepload. */
interface Load {
  viewers: number;
  admitted: number;
  failed: number;
  refused: number;
  /** Taken, and ended again since the server is full. */
  shed: number;
  cpuPct: number;
  joinP50: number;
  joinMax: number;
  mbitPerViewer: number;
  pktsPerViewer: number;
  pssMB: number;
}

interface Server {
  url: string;
  pid: number;
  close(): Promise<void>;
}

const tools = fileURLToPath(new URL('peers/', import.meta.url));

/**
 * Others' servers beside ours: PEERS="mediamtx=/path/to/binary". Each is fed by RTSP with the same clip, which our own
 * box encodes; the same WHEP clients (Go, `bench/peers/whepload`) join each in turn.
 */
export async function measurePeers({ report, quick }: { report: Report; quick: boolean }): Promise<void> {
  const peers = (process.env.PEERS ?? '').split(' ').filter(Boolean);
  if (peers.length === 0) {
    console.log('peers: none named; PEERS="mediamtx=/path/to/binary" measures beside it');
    return;
  }
  const folder = await mkdtemp(join(tmpdir(), 'onair-peers-'));
  const whepload = join(folder, 'whepload');
  await finished(
    spawn('go', ['build', '-o', whepload, '.'], { cwd: join(tools, 'whepload'), stdio: 'inherit' }),
  );
  const clip = await makeBusyClip();
  try {
    for (const busy of quick ? [false] : [false, true]) {
      const loops = busy ? cpus().map(() => spawn(process.execPath, ['-e', 'for (;;);'])) : [];
      for (const peer of peers)
        await compare(peer, { report, quick, folder, whepload, source: clip.source, busy });
      for (const loop of loops) loop.kill('SIGKILL');
    }
  } finally {
    await clip.remove();
    await rm(folder, { recursive: true });
  }
}

interface Setting {
  report: Report;
  quick: boolean;
  folder: string;
  whepload: string;
  /** As our box takes it. */
  source: string;
  busy: boolean;
}

async function compare(peer: string, setting: Setting): Promise<void> {
  const [name = '', binary = ''] = peer.split('=');
  const starts = [
    ['onair', () => startOnair(setting.source)] as const,
    [name, () => startPeer(name, binary, setting)] as const,
  ];
  const results = new Map<string, Load[]>();
  for (let round = 0; round < (setting.quick ? 1 : rounds); round += 1) {
    for (const [which, start] of starts) {
      const server = await start();
      const counts = setting.quick ? [10, 25] : viewerCounts;
      const loads = await load(setting.whepload, server, counts);
      await server.close();
      for (const each of loads) {
        const key = `${which} ${each.viewers}`;
        results.set(key, [...(results.get(key) ?? []), each]);
      }
    }
  }
  const where = setting.busy ? ', a busy loop on each core' : '';
  for (const viewers of setting.quick ? [10, 25] : viewerCounts) {
    const costs = ['onair', name].map((which) => {
      const loads = results.get(`${which} ${viewers}`) ?? [];
      const median = (pick: (each: Load) => number): number => percentile(loads.map(pick), 0.5);
      const add = (what: string, value: number, unit: string): void =>
        setting.report.add({
          section: 'peers',
          name: `${which}, ${viewers} viewers${where}: ${what}`,
          value,
          unit,
        });
      const cost = median(
        (each) => each.cpuPct / Math.max(1, each.admitted) / Math.max(0.01, each.mbitPerViewer),
      );
      add('CPU per viewer and Mbit', cost, '% of a core');
      add(
        'admitted',
        median((each) => each.admitted),
        'viewers',
      );
      add(
        'refused or ended',
        median((each) => each.refused + each.shed),
        'viewers',
      );
      add(
        'packets a second',
        median((each) => each.pktsPerViewer),
        'per viewer',
      );
      add(
        'join, median',
        median((each) => each.joinP50),
        'ms',
      );
      add(
        'memory',
        median((each) => each.pssMB),
        'MB',
      );
      return cost;
    });
    const [own = 0, other = 1] = costs;
    setting.report.add({
      section: 'peers',
      name: `onair to ${name}, ${viewers} viewers${where}`,
      value: own / other,
      unit: 'times the CPU',
      goal: 0.33,
    });
  }
}

async function load(whepload: string, server: Server, counts: number[]): Promise<Load[]> {
  const options = [
    '-url',
    server.url,
    '-pid',
    String(server.pid),
    '-n',
    counts.join(','),
    '-s',
    String(secondsEach),
  ];
  const child = spawn(whepload, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (part) => {
    text += part;
  });
  await once(child, 'exit');
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Load);
}

async function startOnair(source: string): Promise<Server> {
  const appliance = await Appliance.start({
    settings: {
      video: { source, adaptive: false },
      viewing: { maxViewers: 1_000, maxPerAddress: 1_000 },
    },
  });
  await appliance.press();
  await appliance.until(({ advancing }) => advancing);
  const { daemons } = await appliance.status();
  return {
    url: `${await appliance.origin()}/whep`,
    pid: daemons.egress?.pid ?? 0,
    close: async () => {
      await appliance.close();
    },
  };
}

/** MediaMTX with a config of ours, fed by ffmpeg with the clip as it is. */
async function startPeer(name: string, binary: string, { folder, source }: Setting): Promise<Server> {
  if (name !== 'mediamtx') throw new Error(`No configuration is known for ${name}; mediamtx is.`);
  const [rtsp, webrtc, udp] = [await freePort(), await freePort(), await freePort()];
  const config = join(folder, `${name}.yml`);
  const lines = [
    'logLevel: warn',
    'rtmp: no',
    'hls: no',
    'srt: no',
    'rtspTransports: [tcp]',
    `rtspAddress: 127.0.0.1:${rtsp}`,
    `webrtcAddress: 127.0.0.1:${webrtc}`,
    `webrtcLocalUDPAddress: :${udp}`,
    'paths: {all_others: {}}',
  ];
  await writeFile(config, `${lines.join('\n')}\n`);
  const server = spawn(binary, [config], { cwd: folder, stdio: 'inherit' });
  await reachable(rtsp);
  const clip = join(folder, 'encoded.mp4');
  if (!existsSync(clip))
    await finished(spawn('ffmpeg', [...quiet, '-i', source.slice('file:'.length), ...asOurs, clip]));
  const input = ['-re', '-stream_loop', '-1', '-i', clip, '-c', 'copy', '-an'];
  const target = ['-f', 'rtsp', '-rtsp_transport', 'tcp', `rtsp://127.0.0.1:${rtsp}/live`];
  const feeder = spawn('ffmpeg', [...quiet, ...input, ...target], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await new Promise((resolve) => setTimeout(resolve, 4_000));
  return {
    url: `http://127.0.0.1:${webrtc}/live/whep`,
    pid: server.pid ?? 0,
    async close() {
      for (const child of [feeder, server]) {
        child.kill('SIGKILL');
        await finished(child).catch(() => {});
      }
    },
  };
}

async function reachable(port: number): Promise<void> {
  const { connect } = await import('node:net');
  for (let tries = 0; tries < 100; tries += 1) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false));
      socket.on('close', () => {});
      setTimeout(() => socket.destroy(), 500).unref();
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing listens on port ${port}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}

async function finished(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  if (child.exitCode !== 0)
    throw new Error(`${child.spawnfile} ended with ${child.exitCode ?? child.signalCode}`);
}
