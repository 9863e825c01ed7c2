import { once } from 'node:events';
import { Appliance } from '../test/support/appliance.ts';
import { percentile } from '../test/support/percentile.ts';
import { secureOf } from '../test/support/secure-box.ts';
import { type HlsWay, overHttp, overHttps } from '../test/support/strict-hls/asking.ts';
import { linesOf, type ReadPlaylist, readPlaylist } from '../test/support/strict-hls/playlist-reader.ts';
import { processorSeconds, proportionalSetMegabytes } from './process-figures.ts';
import { type Report, spread } from './report.ts';
import type { Bench } from './sections.ts';

const players = 20;

/** What TLS adds for players of low latency: joining, and control's processor and memory for each of them. */
export async function measureTls({ report, quick }: Bench): Promise<void> {
  const box = await Appliance.start({ settings: { viewing: { maxViewers: 100 } } });
  try {
    await box.onair('live');
    await box.until(({ advancing }) => advancing);
    const [origin, secure] = [await box.origin(), await secureOf(box)];
    const ways: [string, () => HlsWay | Promise<HlsWay>][] = [
      ['HTTP', () => overHttp(origin)],
      ['HTTPS', () => overHttps(secure)],
    ];
    await begin(overHttp(origin)); // answered once there is a whole segment
    for (const [name, open] of ways) {
      await measureJoin(report, name, open, quick ? 3 : 20);
      await measurePlaying(report, name, { box, open, seconds: quick ? 4 : 20 });
    }
  } finally {
    await box.close();
  }
}

async function measureJoin(
  report: Report,
  name: string,
  open: () => HlsWay | Promise<HlsWay>,
  joins: number,
): Promise<void> {
  const tookMs: number[] = [];
  for (let join = 0; join < joins; join += 1) {
    const startedAtMs = performance.now();
    const way = await open();
    const playlist = await begin(way);
    const last = playlist.segments.at(-1);
    for (const uri of [last?.map, last?.parts[0]?.uri ?? last?.uri]) if (uri) await way.get(`/hls/${uri}`);
    tookMs.push(performance.now() - startedAtMs);
    way.close();
  }
  report.add({
    section: 'tls',
    name: `LL-HLS, connect → first part over ${name}, p95`,
    value: percentile(tookMs, 0.95),
    unit: 'ms',
    note: spread(tookMs),
  });
}

async function measurePlaying(
  report: Report,
  name: string,
  options: { box: Appliance; open: () => HlsWay | Promise<HlsWay>; seconds: number },
): Promise<void> {
  const { box, open, seconds } = options;
  const pid = (await box.status()).daemons.control?.pid;
  if (!pid) throw new Error('control has no pid');
  const idleMegabytes = proportionalSetMegabytes(pid);
  const stop = new AbortController();
  const ways = await Promise.all(Array.from({ length: players }, open));
  const playing = ways.map((way) => play(way, stop.signal));
  const before = processorSeconds(pid);
  const startedAtMs = performance.now();
  await once(AbortSignal.timeout(seconds * 1_000), 'abort');
  const usedSeconds = processorSeconds(pid) - before;
  const playedSeconds = (performance.now() - startedAtMs) / 1_000;
  const megabytes = proportionalSetMegabytes(pid) - idleMegabytes;
  stop.abort();
  const parts = (await Promise.all(playing)).reduce((sum, count) => sum + count, 0);
  for (const way of ways) way.close();
  const note = `${players} players, ${parts} parts in ${playedSeconds.toFixed(0)} s; the broadcast itself included`;
  const add = (what: string, value: number, unit: string): void =>
    report.add({ section: 'tls', name: `LL-HLS over ${name}: ${what}`, value, unit, note });
  // For each part: a busy machine encodes fewer of them in the same time.
  add('control, for each part of each player', (1_000 * usedSeconds) / parts, 'ms');
  add('control, more memory for each player', megabytes / players, 'MB');
}

async function begin(way: HlsWay): Promise<ReadPlaylist> {
  const { body } = await way.get('/hls/live.m3u8');
  const uri = linesOf(String(body)).flatMap((line) => ('uri' in line ? [line.uri] : []))[0];
  return readPlaylist(String((await way.get(`/hls/${uri}`)).body));
}

/** Part after part, each with the playlist that lists it, as a player of low latency does. @returns how many parts */
async function play(way: HlsWay, signal: AbortSignal): Promise<number> {
  let playlist = await begin(way);
  let parts = 0;
  while (!signal.aborted) {
    const last = playlist.segments.at(-1);
    if (last === undefined) throw new Error('a playlist without segments');
    const [sequence, part] = last.uri === null ? [last.sequence, last.parts.length] : [last.sequence + 1, 0];
    const { status, body } = await way.get(
      `/hls/media.m3u8?_HLS_msn=${sequence}&_HLS_part=${part}&_HLS_skip=YES`,
    );
    if (status !== 200) throw new Error(`the playlist is refused: ${status}`);
    playlist = readPlaylist(String(body));
    const next = playlist.segments.find((segment) => segment.sequence === sequence)?.parts[part];
    if (next === undefined) continue; // a short segment ended before that part
    await way.get(`/hls/${next.uri}`);
    parts += 1;
  }
  return parts;
}
