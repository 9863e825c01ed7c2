import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { IngestAddresses } from '#core/protocol/endpoints/ingest.ts';
import { Appliance } from '../test/support/appliance.ts';
import { percentile } from '../test/support/percentile.ts';
import { descendantsOf } from '../test/support/processes.ts';
import { ffmpegArguments } from '../test/support/publishers.ts';
import { makeBusyClip } from './busy-clip.ts';
import { processorShare } from './process-figures.ts';
import { spread } from './report.ts';
import type { Bench } from './sections.ts';

const rate = 30;
const size = '1280x720';
const settings = { video: { width: 1280, height: 720, framesPerSecond: rate } };
const support = (name: string): string => fileURLToPath(new URL(`../test/support/${name}`, import.meta.url));
const pass = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** How long a switch takes, how soon a publisher is live, and what each kind of source costs at 720p30. */
export async function measureSources(bench: Bench): Promise<void> {
  const clip = await makeBusyClip();
  try {
    await measureSwitch(bench, clip.source);
    await measureKinds(bench, clip.source);
  } finally {
    await clip.remove();
  }
}

/** `take` answers once the pictures of the other source are on the air. */
async function measureSwitch({ report, quick }: Bench, clip: string): Promise<void> {
  const appliance = await Appliance.start({
    settings: { video: { ...settings.video, fallback: [clip] } },
  });
  try {
    await appliance.press();
    await appliance.until(({ broadcast }) => broadcast.state === 'live', 30_000);
    const tookMs: number[] = [];
    for (let count = 0; count < (quick ? 6 : 40); count += 1) {
      const beganAtMs = performance.now();
      await appliance.call('POST', `/api/v1/sources/${count % 2 === 0 ? 'file' : 'test'}/take`);
      tookMs.push(performance.now() - beganAtMs);
      await pass(1_000);
    }
    const warm = tookMs.slice(2);
    report.add({
      section: 'sources',
      name: 'switch to a warm source, p95',
      value: percentile(warm, 0.95),
      unit: 'ms',
      goal: 150,
      note: spread(warm),
    });
  } finally {
    await appliance.close();
  }
}

/** A sender, or a camera that is called. */
interface Kind {
  name: string;
  /** @param ingest where publishers send to */
  open(ingest: IngestAddresses): Promise<{ source: string; sender: ChildProcess | null }>;
}

const openSender = (program: string, args: string[], environment = {}): ChildProcess =>
  spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, ...environment } });

function kinds(clip: string): Kind[] {
  const publisher = (url = '', format = 'flv') =>
    openSender('ffmpeg', ffmpegArguments(url, { size, rate, gop: rate, format }));
  const webrtc = [support('whip-publisher-webrtcbin.py')];
  const picture = `videotestsrc is-live=true ! video/x-raw,width=1280,height=720,framerate=${rate}/1`;
  const launch = `( ${picture} ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=${rate} ! rtph264pay name=pay0 pt=96 )`;
  return [
    { name: 'test', open: async () => ({ source: 'test', sender: null }) },
    { name: 'file', open: async () => ({ source: clip, sender: null }) },
    {
      name: 'rtsp',
      async open() {
        const camera = openSender('/usr/bin/python3', [support('rtsp-camera.py'), '0', launch, '', '', '']);
        const [port] = camera.stdout ? await once(camera.stdout, 'data') : [''];
        return { source: `rtsp://127.0.0.1:${Number(String(port))}/cam`, sender: camera };
      },
    },
    { name: 'rtmp', open: async ({ rtmp }) => ({ source: 'rtmp', sender: publisher(rtmp?.url) }) },
    { name: 'srt', open: async ({ srt }) => ({ source: 'srt', sender: publisher(srt?.url, 'mpegts') }) },
    {
      name: 'whip',
      async open({ whip }) {
        const args = [...webrtc, whip?.url ?? '', '1280', '720', String(rate)];
        const sender = openSender('/usr/bin/python3', args, { WHIP_TOKEN: whip?.token });
        return { source: 'whip', sender };
      },
    },
  ];
}

async function measureKinds({ report, quick }: Bench, clip: string): Promise<void> {
  const appliance = await Appliance.start({
    settings: { ...settings, ingest: { rtmpPort: 0, srtPort: 0 } },
  });
  const ingest = (await appliance.call('GET', '/api/v1/ingest')) as IngestAddresses;
  const ran = (title: string): number | undefined =>
    descendantsOf(appliance.pid ?? 0).find((pid) => titleOf(pid).startsWith(title));
  try {
    for (const { name, open } of kinds(clip)) {
      const publishes = ['rtmp', 'srt', 'whip'].includes(name);
      if (publishes) await appliance.call('PATCH', '/api/v1/settings', { video: { source: name } });
      const beganAtMs = performance.now();
      const { source, sender } = await open(ingest);
      if (!publishes) {
        await appliance.call('PATCH', '/api/v1/settings', { video: { source } });
        await appliance.call('POST', '/api/v1/broadcast');
      }
      await appliance.until(({ broadcast }) => broadcast.state === 'live', 60_000);
      if (publishes)
        report.add({
          section: 'sources',
          name: `${name}: sender started → live`,
          value: performance.now() - beganAtMs,
          unit: 'ms',
          note: 'with the start of the sender itself, its first key frame included',
        });
      const own = ran(`onair-media-source ${name === 'rtsp' ? 'rtsp' : source.split(':')[0]}`);
      const shared = publishes ? ran('onair-media-ingest') : undefined;
      await pass(quick ? 1_000 : 5_000);
      const window = pass(quick ? 3_000 : 10_000);
      const shares = await Promise.all(
        [own, shared].map((pid) => (pid ? processorShare(pid, () => window) : 0)),
      );
      report.add({
        section: 'sources',
        name: `${name}: its process at 720p${rate}`,
        value: (shares[0] ?? 0) * 100,
        unit: '% of a core',
        note: publishes ? `the ingest beside it ${((shares[1] ?? 0) * 100).toFixed(1)} %` : '',
      });
      sender?.kill('SIGKILL');
      await appliance.call('DELETE', '/api/v1/broadcast');
      await appliance.until(({ broadcast }) => broadcast.state === 'offline', 30_000);
    }
  } finally {
    await appliance.close();
  }
}

function titleOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it ended
  }
}
