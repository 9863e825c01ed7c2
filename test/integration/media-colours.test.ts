import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { MediaDaemon, mediaRequest } from '../support/media-daemon.ts';
import { run } from '../support/media-decode.ts';

const folder = await mkdtemp(join(tmpdir(), 'onair-colours-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const daemon = await MediaDaemon.start();
t.teardown(() => daemon.stop());
const { control } = daemon;

async function encode(name: string, ...options: string[]): Promise<string> {
  const path = join(folder, name);
  const { code, complaints } = await run('ffmpeg', ['-v', 'error', ...options, '-y', path]);
  if (code !== 0) throw new Error(complaints);
  return path;
}

/** The first encoded picture of a clip as (Y, U, V) at places given in shares of its width, a quarter down. */
async function coloursOf(path: string, height: number, places: number[]): Promise<number[][]> {
  const from = control.messages.length;
  const video = { source: `file:${path}`, width: 640, height, bitrateKbps: 4_000 };
  control.send({ type: 'media_start', payload: mediaRequest({ video, audio: { source: 'none' } }) });
  const { pipelineId } = await control.state('running', { from });
  const id = pipelineId ?? '';
  while (control.movie(id).seconds < 0.5) await control.fragment(() => true);
  control.send({ type: 'media_stop', payload: {} });
  await control.state('idle', { from });
  const raw = [
    '-v',
    'error',
    '-i',
    'pipe:0',
    '-frames:v',
    '1',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'yuv420p',
    'pipe:1',
  ];
  const { output } = await run('ffmpeg', raw, control.movie(id).bytes);
  const y = Math.floor(height / 4);
  return places.map((place) => {
    const x = Math.floor(place * 640);
    const chroma = (y >> 1) * 320 + (x >> 1);
    const luma = 640 * height;
    return [y * 640 + x, luma + chroma, luma + luma / 4 + chroma].map((at) => output[at] ?? -1);
  });
}

const isNear = (t: Test, found: number[] | undefined, wanted: number[], within: number, what: string) =>
  t.ok(
    wanted.every((value, at) => Math.abs((found?.[at] ?? -99) - value) <= within),
    `${what}: ${found}`,
  );

t.test('full range comes out as limited range', async (t) => {
  const halves = [
    ...[
      '-f',
      'lavfi',
      '-i',
      'color=white:size=640x360:rate=30',
      '-f',
      'lavfi',
      '-i',
      'color=black:size=640x360:rate=30',
    ],
    ...['-filter_complex', '[0][1]hstack,scale=640:360:in_range=tv:out_range=pc,format=yuvj420p', '-t', '1'],
  ];
  const path = await encode('full.mp4', ...halves, '-c:v', 'libx264', '-color_range', 'pc');
  const [white, black] = await coloursOf(path, 360, [0.2, 0.8]);
  isNear(t, white, [235, 128, 128], 2, 'white');
  isNear(t, black, [16, 128, 128], 2, 'black');
});

t.test('BT.601 comes out as BT.709', async (t) => {
  const bars = ['-f', 'lavfi', '-i', 'smptebars=size=640x480:rate=30', '-t', '1'];
  const tags = ['-colorspace', 'smpte170m', '-color_primaries', 'smpte170m', '-color_trc', 'smpte170m'];
  const convert = ['-vf', 'scale=out_color_matrix=bt601:out_range=tv,format=yuv420p'];
  const path = await encode('bt601.mp4', ...bars, ...convert, '-c:v', 'libx264', ...tags);
  const [green, magenta, red] = await coloursOf(path, 480, [3.5 / 7, 4.5 / 7, 5.5 / 7]);
  isNear(t, green, [131, 64, 51], 3, 'green');
  isNear(t, magenta, [62, 192, 203], 3, 'magenta');
  isNear(t, red, [50, 108, 211], 3, 'red');
});

t.test('an animated GIF loops', async (t) => {
  const path = await encode('anim.gif', '-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=10', '-t', '1');
  const from = control.messages.length;
  control.send({ type: 'media_start', payload: mediaRequest({ video: { source: `file:${path}` } }) });
  const { pipelineId } = await control.state('running', { from });
  while (control.movie(pipelineId ?? '').seconds < 4) await control.fragment(() => true);
  const states = control.messages.slice(from).filter(({ type }) => type === 'media_state');
  t.notOk(
    states.some(({ payload }) => 'state' in payload && payload.state === 'retrying'),
    'the slate was never shown',
  );
  control.send({ type: 'media_stop', payload: {} });
});
