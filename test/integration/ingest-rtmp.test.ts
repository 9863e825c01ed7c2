import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import t, { type Test } from 'tap';
import type { SourceEntry } from '#core/domain/media.ts';
import type { IngestReport } from '#core/protocol/link/media.ts';
import { encodeChunks } from '#media/ingest/rtmp/chunks.ts';
import { MediaDaemon, mediaRequest } from '../support/media-daemon.ts';
import { ffmpegPublisher, PublisherProgram } from '../support/publishers.ts';
import { greetRtmp } from '../support/rtmp-frames.ts';

t.setTimeout(240_000);

const daemon = await MediaDaemon.start({ entry: 'dist/media.js' });
t.teardown(() => daemon.stop());
const { control } = daemon;
const key = 'a-key-of-mine';
const withinMs = 25_000;

const report = (fits: (report: IngestReport['rtmp']) => boolean, what: string, from?: number) =>
  control.message('media_ingest_report', ({ rtmp }) => fits(rtmp), {
    withinMs,
    what,
    ...(from === undefined ? {} : { from }),
  });
control.send({ type: 'media_ingest', payload: { key, rtmp: { port: 0 }, srt: null, whip: false } });
const { rtmp } = await report(({ port }) => port !== null, 'a port', 0);
const url = (secret = key) => `rtmp://127.0.0.1:${rtmp.port}/live/${secret}`;

const ask = (source: string) =>
  control.send({ type: 'media_start', payload: mediaRequest({ video: { source } }) });
const source = (fits: (entry: SourceEntry) => boolean, from?: number) =>
  control.message(
    'media_sources',
    ({ sources }) => sources.some((entry) => entry.id === 'rtmp' && fits(entry)),
    { withinMs, what: 'that state of rtmp', ...(from === undefined ? {} : { from }) },
  );
/** The publisher's pictures are on the air, or are again. */
async function fresh(): Promise<void> {
  const from = control.messages.length;
  await control.message('media_sources', ({ onAir }) => onAir === 'rtmp', { from: 0, withinMs });
  const { frames } = await control.message('media_progress', () => true, { from });
  await control.message('media_progress', (progress) => progress.frames > frames + 30, { from, withinMs });
}
async function sourceProcess(): Promise<number> {
  const pids = (await readFile(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8')).trim().split(' ');
  for (const pid of pids) {
    const title = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (title.startsWith('onair-media-source rtmp')) return Number(pid);
  }
  throw new Error('there is no source process');
}
async function stop(): Promise<void> {
  const from = control.messages.length;
  control.send({ type: 'media_stop', payload: {} });
  await control.state('idle', { from });
}

t.test('ffmpeg publishes, dies, and is back: the encoder goes on', async (t) => {
  ask('rtmp');
  await control.message('media_state', ({ reason }) => reason?.code === 'no-publisher', {
    from: 0,
    withinMs,
  });
  const first = ffmpegPublisher(t, url(), { bFrames: 2, gop: 60 });
  const running = await control.state('running', { from: 0, withinMs });
  let mark = control.messages.length;
  await first.kill();
  t.match(await control.state('retrying', { from: mark, withinMs }), { slate: true });
  await source(({ state, reason }) => state === 'waiting' && reason?.code === 'no-publisher', mark);
  mark = control.messages.length;
  const second = ffmpegPublisher(t, url());
  const back = await control.state('running', { from: mark, withinMs });
  t.equal(back.pipelineId, running.pipelineId);

  mark = control.messages.length;
  const third = ffmpegPublisher(t, url());
  await third.exited();
  await source(({ state, reason }) => state === 'on-air' && reason?.code === 'publisher-second', mark);
  const wrong = ffmpegPublisher(t, url('another-key'));
  await wrong.exited();
  await source(({ state, reason }) => state === 'on-air' && reason?.code === 'publisher-key', mark);
  t.notMatch(JSON.stringify(control.messages), /another-key/);

  // Another one takes over at once, with another size and rate.
  await second.end();
  await report(({ publisher }) => publisher === null, 'nobody', mark);
  mark = control.messages.length;
  ffmpegPublisher(t, url(), { size: '480x640', rate: 25 });
  await source(({ state, reason }) => state === 'on-air' && reason === null, mark);
  await fresh();
  t.equal(
    control.messages.findLast((message) => message.type === 'media_state')?.payload.pipelineId,
    running.pipelineId,
  );

  // A source process that hangs is another one in a moment.
  mark = control.messages.length;
  process.kill(await sourceProcess(), 'SIGSTOP');
  await control.state('retrying', { from: mark, withinMs });
  t.equal((await control.state('running', { from: mark, withinMs })).pipelineId, running.pipelineId);
  await stop();
});

t.test('a publisher who is there already is on the air at once', async (t) => {
  const from = control.messages.length;
  const publisher = ffmpegPublisher(t, url(), { gop: 600 });
  await report(({ publisher }) => publisher !== null, 'a publisher', from);
  await source(({ state }) => state === 'ready', from);
  ask('rtmp');
  // Its next key frame would be 40 s away.
  t.ok(await control.state('running', { from, withinMs }));
  await publisher.end();
  await stop();
});

t.test('GStreamer publishes', async (t) => {
  const from = control.messages.length;
  ask('rtmp');
  const elements =
    'videotestsrc is-live=true ! video/x-raw,width=320,height=240,framerate=15/1 ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=15 ! h264parse ! flvmux streamable=true name=mux ! rtmp2sink'.split(
      ' ',
    );
  const publisher = new PublisherProgram(t, 'gst-launch-1.0', ['-q', ...elements, `location=${url()}`]);
  t.ok(await control.state('running', { from, withinMs }), publisher.said);
  await publisher.end();
  await stop();
});

t.test('sound alone, and pictures that are too large, are told', async (t) => {
  ask('rtmp');
  let from = control.messages.length;
  const soundOnly = ffmpegPublisher(t, url(), { pictures: false });
  await source(({ reason }) => reason?.code === 'publisher-without-pictures', from);
  await soundOnly.end();
  await report(({ publisher }) => publisher === null, 'nobody', from);
  from = control.messages.length;
  const huge = ffmpegPublisher(t, url(), { size: '7680x4320', rate: 1 });
  await source(({ reason }) => reason?.code === 'publisher-too-large', from);
  await huge.exited();
  await stop();
});

const greet = (t: Test) => greetRtmp(t, rtmp.port ?? 0, key);

t.test(
  'garbage, one who says nothing, and one who leaves in mid-packet cost nobody else anything',
  async (t) => {
    const from = control.messages.length;
    ask('rtmp');
    const noRtmp = connect(rtmp.port ?? 0, '127.0.0.1');
    noRtmp.end('GET / HTTP/1.1\r\n\r\n');
    await once(noRtmp.resume(), 'close');
    const silent = connect(rtmp.port ?? 0, '127.0.0.1');
    const closed = once(silent.resume(), 'close');
    const garbage = await greet(t);
    garbage.write(
      encodeChunks(6, { type: 9, streamId: 1, timestamp: 0, body: Buffer.alloc(700_000, 0xff) }, 128),
    );
    garbage.write(Buffer.alloc(400_000, 0xff));
    await once(garbage.resume(), 'close');
    const broken = await source(
      ({ reason }) => reason?.code === 'publisher-codec' || reason?.code === 'publisher-broken',
      from,
    );
    t.ok(broken);
    const halfway = await greet(t);
    halfway.write(
      encodeChunks(6, { type: 9, streamId: 1, timestamp: 0, body: Buffer.alloc(5_000, 0x17) }, 128).subarray(
        0,
        300,
      ),
    );
    halfway.destroy();
    const good = ffmpegPublisher(t, url());
    t.ok(await control.state('running', { from, withinMs }));
    await closed; // it had 5 s to say what it wants
    // Pictures that no decoder takes, from a publisher that has the key: the broadcast goes on.
    await good.end();
    await report(({ publisher }) => publisher === null, 'nobody', control.messages.length - 5);
    const mark = control.messages.length;
    const noise = await greet(t);
    const avc = Buffer.from(
      '170000000001' + '42c01effe1001a6742c01ed900a02ff9610000030001000003001e8f162e4801000568cb83cb20',
      'hex',
    );
    noise.write(encodeChunks(6, { type: 9, streamId: 1, timestamp: 0, body: avc }, 128));
    const body = Buffer.concat([Buffer.from('1701000000', 'hex'), Buffer.alloc(2_000, 0x55)]);
    for (let index = 1; index < 200; index += 1)
      noise.write(encodeChunks(6, { type: 9, streamId: 1, timestamp: index * 40, body }, 128));
    await source(({ reason }) => reason !== null && /^publisher-/.test(reason.code), mark);
    t.equal((await control.state('retrying', { from: mark, withinMs })).slate, true);
    noise.destroy();
    await stop();
  },
);

t.test('a new key ends who publishes with the old one; off means off', async (t) => {
  const from = control.messages.length;
  const publisher = ffmpegPublisher(t, url());
  await report(({ publisher }) => publisher !== null, 'a publisher', from);
  control.send({
    type: 'media_ingest',
    payload: { key: 'another-key-1', rtmp: { port: rtmp.port ?? 0 }, srt: null, whip: false },
  });
  await publisher.exited();
  const mark = control.messages.length;
  control.send({ type: 'media_ingest', payload: { key, rtmp: null, srt: null, whip: false } });
  await report(({ port }) => port === null, 'no port', mark);
  const socket = connect(rtmp.port ?? 0, '127.0.0.1');
  const [error] = await once(socket, 'error');
  t.equal(error.code, 'ECONNREFUSED');
});

t.test('no key stands in what media logged', async (t) => {
  t.match(daemon.log, /a publisher joined/);
  t.notMatch(daemon.log, new RegExp(`${key}|another-key`));
});
