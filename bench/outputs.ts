import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { OutputBody } from '#core/protocol/endpoints/outputs.ts';
import type { RecordingState } from '#core/protocol/endpoints/recordings.ts';
import { Appliance } from '../test/support/appliance.ts';
import { untilOutput } from '../test/support/outputs.ts';
import { percentile } from '../test/support/percentile.ts';
import { RtmpServer } from '../test/support/rtmp-server.ts';
import { familyOf, processorSeconds, proportionalSetMegabytes } from './process-figures.ts';
import type { Report } from './report.ts';
import type { Bench } from './sections.ts';

const key = 'bench-0123';
const rtspClients = 10;

interface Cost {
  /** Of one core. */
  percent: number;
  megabytes: number;
}

/** What the broadcast costs where it leaves the box: restream, recording, RTSP; the outputs daemon with all its processes. */
export async function measureOutputs({ report, quick }: Bench): Promise<void> {
  const seconds = quick ? 4 : 20;
  const appliance = await Appliance.start({ settings: { viewing: { maxViewers: 100 } } });
  const servers: RtmpServer[] = [];
  try {
    await appliance.onair('live');
    await appliance.until(({ advancing }) => advancing);
    const cost = () => costOf(appliance, seconds);
    const base = await cost();
    add(report, 'nothing but the broadcast', base, null);
    const ids: string[] = [];
    for (const count of [1, 4]) {
      while (servers.length < count) {
        const server = await RtmpServer.start(key);
        servers.push(server);
        const url = `rtmp://127.0.0.1:${server.port}/live/${key}`;
        const output = await appliance.call('POST', '/api/v1/outputs', { name: `Bench ${server.port}`, url });
        ids.push((output as OutputBody).id);
      }
      for (const id of ids) await untilOutput(appliance, id, ({ state }) => state === 'live');
      add(report, `RTMP to ${count}`, await cost(), base);
    }
    for (const id of ids) await appliance.call('DELETE', `/api/v1/outputs/${id}`);
    await appliance.call('POST', '/api/v1/recording');
    for (let seconds = 0; seconds === 0; )
      seconds = ((await appliance.call('GET', '/api/v1/recording')) as RecordingState).durationSeconds;
    add(report, 'recording', await cost(), base);
    await appliance.call('DELETE', '/api/v1/recording');
    await measureRtsp(report, appliance, base, { cost, joins: quick ? 3 : 20 });
  } finally {
    await appliance.close();
    for (const server of servers) await server.close();
  }
}

async function measureRtsp(
  report: Report,
  appliance: Appliance,
  base: Cost,
  { cost, joins }: { cost: () => Promise<Cost>; joins: number },
): Promise<void> {
  const { ports } = await appliance.until((status) => status.ports.rtsp !== null);
  const url = `rtsp://127.0.0.1:${ports.rtsp}/live`;
  const joinMs: number[] = [];
  for (let count = 0; count < joins; count += 1) {
    const startedAtMs = performance.now();
    const player = play(url, ['-frames:v', '1']);
    await once(player, 'exit');
    joinMs.push(performance.now() - startedAtMs);
  }
  report.add({
    section: 'outputs',
    name: 'RTSP: ffmpeg started → first picture, median',
    value: percentile(joinMs, 0.5),
    unit: 'ms',
  });
  const players = Array.from({ length: rtspClients }, () => play(url, []));
  await appliance.until(({ audience }) => audience.viewers >= rtspClients);
  add(report, `RTSP to ${rtspClients}`, await cost(), base);
  for (const player of players) {
    player.kill('SIGKILL');
    await once(player, 'exit');
  }
}

/** By TCP and without decoding: the cost is to be the box's. */
function play(url: string, options: string[]): ChildProcess {
  const flags = [
    '-v',
    'error',
    '-rtsp_transport',
    'tcp',
    '-i',
    url,
    ...options,
    '-c',
    'copy',
    '-f',
    'null',
    '-',
  ];
  return spawn('ffmpeg', flags, { stdio: 'ignore' });
}

async function costOf(appliance: Appliance, seconds: number): Promise<Cost> {
  const { daemons } = await appliance.status();
  const pid = daemons.outputs?.pid;
  if (!pid) throw new Error('there is no outputs daemon');
  const family = familyOf(pid);
  const spent = (): number => family.reduce((sum, each) => sum + processorSeconds(each), 0);
  const [before, startedAtMs] = [spent(), performance.now()];
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  return {
    percent: ((spent() - before) / ((performance.now() - startedAtMs) / 1_000)) * 100,
    megabytes: family.reduce((sum, each) => sum + proportionalSetMegabytes(each), 0),
  };
}

function add(report: Report, name: string, { percent, megabytes }: Cost, base: Cost | null): void {
  const section = 'outputs';
  const of = (unit: string, more: number): string =>
    base === null ? '' : `${more.toFixed(1)} ${unit} more than without`;
  report.add({
    section,
    name: `${name}: processor`,
    value: percent,
    unit: '% of a core',
    note: of('%', percent - (base?.percent ?? 0)),
  });
  report.add({
    section,
    name: `${name}: memory`,
    value: megabytes,
    unit: 'MB',
    note: of('MB', megabytes - (base?.megabytes ?? 0)),
  });
}
