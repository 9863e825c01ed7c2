import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import type { SourceEntry } from '#core/domain/media.ts';
import { encodeChunks } from '#media/ingest/rtmp/chunks.ts';
import { MediaDaemon, type MediaState, mediaRequest } from '../support/media-daemon.ts';
import { run } from '../support/media-decode.ts';
import { placeOf } from '../support/picture-place.ts';
import { PublisherProgram } from '../support/publishers.ts';
import { type FourCc, FramesOverRtmp, framesOf, greetRtmp } from '../support/rtmp-frames.ts';
import { freePort } from '../support/server-program.ts';

/** What publishers send changes while they send it: pictures go on in the right shape, and the encoder with them. */

t.setTimeout(240_000);

const folder = t.testdir({});
const daemon = await MediaDaemon.start({ entry: 'dist/media.js' });
t.teardown(() => daemon.stop());
const { control } = daemon;
const key = 'a-key-of-mine';
const withinMs = 60_000;

control.send({
  type: 'media_ingest',
  payload: { key, rtmp: { port: 0 }, srt: { port: await freePort() }, whip: false },
});
const { rtmp, srt } = await control.message(
  'media_ingest_report',
  (report) => report.rtmp.port !== null && report.srt.port !== null,
  { from: 0, withinMs },
);

/** Puts one way in on the air. */
function ask(source: 'rtmp' | 'srt'): number {
  const from = control.messages.length;
  const video = { source, framesPerSecond: 15 };
  control.send({ type: 'media_start', payload: mediaRequest({ video }) });
  return from;
}

async function stop(): Promise<void> {
  const from = control.messages.length;
  control.send({ type: 'media_stop', payload: {} });
  await control.state('idle', { from });
}

const entry = (fits: (entry: SourceEntry) => boolean, from: number) =>
  control.message(
    'media_sources',
    ({ sources }) => sources.some((each) => each.id === 'rtmp' && fits(each)),
    {
      from,
      withinMs,
      what: 'that state of rtmp',
    },
  );

/** Waits until the picture has so many black columns, of 64, at its left. */
async function untilBlackAtLeft({ pipelineId }: MediaState, columns: number): Promise<void> {
  for (;;) {
    const { parts } = control.movie(pipelineId ?? '');
    const init = control.fragments.find(
      ({ header }) => header.kind === 'init' && header.pipelineId === pipelineId,
    );
    const last = parts.findLast(({ header }) => header.kind === 'part' && header.independent);
    const bytes = [init, last].map((each) => each?.bytes ?? Buffer.alloc(0));
    if (last && (await placeOf(Buffer.concat(bytes))).left === columns) return;
    await control.fragment(({ header }) => header.kind === 'part' && header.independent, { withinMs });
  }
}

const wide = 8; // 4:3 in 16:9
const upright = 18; // 3:4

t.test('by RTMP', async (t) => {
  const frames = { wide: await framesOf(folder, 'avc1'), upright: await framesOf(folder, 'avc1', '240x320') };
  const from = ask('rtmp');
  const publisher = new FramesOverRtmp(await greetRtmp(t, rtmp.port ?? 0, key), frames.wide);
  const running = await control.state('running', { from, withinMs });
  await untilBlackAtLeft(running, wide);
  publisher.change(frames.upright);
  await untilBlackAtLeft(running, upright);
  publisher.change(frames.wide);
  await untilBlackAtLeft(running, wide);
  publisher.end();
  await stop();
});

t.test('by SRT', async (t) => {
  const from = ask('srt');
  const url = `srt://127.0.0.1:${srt.port}?streamid=${key}`;
  const path = join(folder, 'turned.ts');
  // The first is as long as a busy machine needs to show it.
  await writeFile(path, Buffer.concat([await streamOf('320x240', 0, 25), await streamOf('240x320', 25, 60)]));
  const input = ['-v', 'error', '-re', '-f', 'mpegts', '-i', path];
  const publisher = new PublisherProgram(t, 'ffmpeg', [...input, '-c', 'copy', '-f', 'mpegts', url]);
  const running = await control.state('running', { from, withinMs });
  await untilBlackAtLeft(running, wide);
  await untilBlackAtLeft(running, upright);
  await publisher.end();
  await stop();
});

/** A transport stream of a test picture that begins at this second. */
async function streamOf(size: string, begins: number, seconds: number): Promise<Buffer> {
  const input = ['-v', 'error', '-f', 'lavfi', '-i', `testsrc=size=${size}:rate=15:duration=${seconds}`];
  const coded = '-c:v libx264 -preset ultrafast -tune zerolatency -pix_fmt yuv420p -g 15'.split(' ');
  const offset = ['-output_ts_offset', String(begins), '-f', 'mpegts', 'pipe:1'];
  const { code, output, complaints } = await run('ffmpeg', [...input, ...coded, ...offset]);
  if (code !== 0) throw new Error(`ffmpeg: ${complaints}`);
  return output;
}

for (const fourCc of ['hvc1', 'vp09', 'av01'] satisfies FourCc[]) {
  t.test(`${fourCc} by Enhanced RTMP, and another size of it`, async (t) => {
    const [frames, turned] = await Promise.all([
      framesOf(folder, fourCc),
      framesOf(folder, fourCc, '240x320'),
    ]);
    const from = ask('rtmp');
    const publisher = new FramesOverRtmp(await greetRtmp(t, rtmp.port ?? 0, key), frames);
    const running = await control.state('running', { from, withinMs });
    await untilBlackAtLeft(running, wide);
    publisher.change(turned);
    await untilBlackAtLeft(running, upright);
    publisher.end();
    await stop();
  });
}

t.test('a codec that nothing here decodes is refused by its name', async (t) => {
  const from = ask('rtmp');
  const socket = await greetRtmp(t, rtmp.port ?? 0, key);
  const body = Buffer.from('\x90vvc1....', 'latin1');
  socket.write(encodeChunks(6, { type: 9, streamId: 1, timestamp: 0, body }, 128));
  const { sources } = await entry(({ reason }) => reason?.code === 'publisher-codec', from);
  t.match(sources.find(({ id }) => id === 'rtmp')?.reason, { message: /vvc1/, action: /H\.264/ });
  await stop();
});
