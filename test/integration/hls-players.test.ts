import { spawn, spawnSync } from 'node:child_process';
import t from 'tap';
import { HlsOrigin } from '#control/hls/origin.ts';
import { Encode } from '../support/hls-encode.ts';
import { quiet, SequenceMemory, settings } from '../support/hls-feed.ts';
import { HlsServer } from '../support/hls-server.ts';

const missing = [
  ['ffmpeg', '-version'],
  ['gst-inspect-1.0', 'x264enc'],
  ['gst-inspect-1.0', 'voaacenc'],
  ['gst-inspect-1.0', 'hlsdemux'],
].filter(([command = '', ...options]) => spawnSync(command, options).status !== 0);

interface Finished {
  status: number | null;
  output: string;
}

/** Runs a player to its end, or until its output is `enough`; 25 s at most. */
function run(command: string, options: string[], enough = (_output: string) => false): Promise<Finished> {
  const child = spawn(command, options, { stdio: ['ignore', 'pipe', 'pipe'], timeout: 25_000 });
  let output = '';
  const hear = (chunk: Buffer) => {
    output += chunk.toString();
    if (enough(output)) child.kill('SIGKILL');
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, output }));
  });
}

const rendered = (output: string, sink: string) =>
  output.split(`GstFakeSink:${sink}: last-message = chain`).length;

const skip =
  missing.length > 0 ? `not on this machine: ${missing.map((m) => m.join(' ')).join(', ')}` : false;
t.test('players that know nothing of low latency', { skip, timeout: 60_000 }, async (t) => {
  const origin = new HlsOrigin({ settings, sequence: new SequenceMemory(), logger: quiet });
  const server = await new HlsServer(origin).start();
  origin.begin();
  const encode = new Encode(origin, { pipelineId: 'first', partMs: settings.partMs });
  t.teardown(async () => {
    await encode.stop();
    origin.close();
    await server.close();
  });
  const location = `${server.url}/hls/live.m3u8`;

  // Both begin before there is anything to play, and have to wait for it.
  const [ffmpeg, decoded, gstreamer] = await Promise.all([
    run('ffmpeg', ['-nostdin', '-v', 'error', '-i', location, '-t', '5', '-f', 'null', '-']),
    run('ffprobe', [
      ...['-v', 'error', '-read_intervals', '%+3', '-count_frames', '-show_entries'],
      ...['stream=codec_name,nb_read_frames', '-of', 'csv=p=0', location],
    ]),
    run(
      'gst-launch-1.0',
      [
        ...['-v', 'uridecodebin', `uri=${location}`, 'name=d'],
        ...[
          'd.',
          '!',
          'queue',
          '!',
          'videoconvert',
          '!',
          'fakesink',
          'name=pictures',
          'silent=false',
          'sync=true',
        ],
        ...[
          'd.',
          '!',
          'queue',
          '!',
          'audioconvert',
          '!',
          'fakesink',
          'name=sound',
          'silent=false',
          'sync=true',
        ],
      ],
      (output) => rendered(output, 'pictures') > 150 && rendered(output, 'sound') > 230,
    ),
  ]);
  t.same(ffmpeg, { status: 0, output: '' }, 'ffmpeg plays 5 s without a word');
  t.match(decoded, { status: 0 });
  const frames = Number(/h264,(\d+)/.exec(decoded.output)?.[1]);
  t.ok(frames >= 75, `and decodes its pictures: ${frames} in 3 s`);
  t.match(decoded.output, /aac,\d{2,}/, 'and its sound');
  t.ok(rendered(gstreamer.output, 'pictures') > 150, 'GStreamer plays 5 s of pictures');
  t.ok(rendered(gstreamer.output, 'sound') > 230, 'and of sound');
  t.notMatch(gstreamer.output, /ERROR|WARN/);

  t.same([...new Set(encode.parts)], [0.2], 'every part was as long as asked for');
  t.equal(origin.waiting, 0, 'nobody is left behind');
});
