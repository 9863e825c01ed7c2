import t from 'tap';
import type { CameraControls } from '#core/domain/camera.ts';
import { MediaDaemon, mediaRequest } from '../support/media-daemon.ts';
import { run } from '../support/media-decode.ts';

/**
 * The daemon as it ships: a camera that is set while its pictures flow. The camera is the virtual one (the test picture);
 * what differs with a real one is in test/contract/media-camera.test.ts.
 */
t.setTimeout(180_000);
const daemon = await MediaDaemon.start({ entry: 'dist/media.js' });
t.teardown(() => daemon.stop());
const { control } = daemon;
const [width, height] = [320, 180];

const requestWith = (test: CameraControls) =>
  mediaRequest({ video: { width, height, framesPerSecond: 5 }, cameras: { test } });
/** As control says that settings have changed. */
const set = (test: CameraControls) => control.send({ type: 'media_settings', payload: requestWith(test) });
const controlsOf = async (fits: (values: Record<string, unknown>) => boolean) => {
  const valuesOf = (sources: { id: string; controls: { name: string; value: unknown }[] | null }[]) =>
    Object.fromEntries(
      (sources.find(({ id }) => id === 'test')?.controls ?? []).map(({ name, value }) => [name, value]),
    );
  const list = await control.message('media_sources', ({ sources }) => fits(valuesOf(sources)), { from: 0 });
  return list.sources.find(({ id }) => id === 'test')?.controls ?? [];
};

/** The newest key frame: its mean luma and chroma, and its luma row by row. */
async function picture(pipelineId: string) {
  const part = await control.fragment(({ header }) => header.kind === 'part' && header.independent, {
    withinMs: 60_000,
  });
  const init = control.fragments.find(
    ({ header }) => header.kind === 'init' && header.pipelineId === pipelineId,
  );
  const movie = Buffer.concat([init?.bytes ?? Buffer.alloc(0), part.bytes]);
  const format = ['-frames:v', '1', '-f', 'rawvideo', '-pix_fmt', 'yuv420p', 'pipe:1'];
  const { output } = await run('ffmpeg', ['-v', 'error', '-i', 'pipe:0', ...format], movie);
  const luma = output.subarray(0, width * height);
  const chroma = output.subarray(width * height);
  const mean = (bytes: Buffer) => bytes.reduce((sum, byte) => sum + byte, 0) / bytes.length;
  const colour = chroma.reduce((sum, byte) => sum + Math.abs(byte - 128), 0) / chroma.length;
  return { light: mean(luma), colour, luma: Buffer.from(luma) };
}

/** Looks at key frames until one fits. */
async function until(id: string, what: string, fits: (seen: Awaited<ReturnType<typeof picture>>) => boolean) {
  for (let attempt = 0; attempt < 40; attempt += 1) {
    const seen = await picture(id);
    if (fits(seen)) return seen;
  }
  throw new Error(`no picture is ${what}`);
}

/** How much two pictures differ where the test picture stands still: its lower half moves. */
function differenceOf(one: Buffer, other: Buffer): number {
  let sum = 0;
  for (let at = 0; at < one.length; at += 1) sum += Math.abs((one[at] ?? 0) - (other[at] ?? 0));
  return sum / one.length;
}

function flipped(luma: Buffer): Buffer {
  const turned = Buffer.from(luma);
  return turned.reverse(); // both ways: upside down
}

t.test('what was set before the start holds from its first pictures, and is shown', async (t) => {
  const dark = { brightness: -60 };
  set(dark);
  t.match(await controlsOf(({ brightness }) => brightness === -60), [
    { name: 'brightness', range: { minimum: -100, maximum: 100 }, default: 0 },
    { name: 'contrast' },
    { name: 'saturation' },
    { name: 'flip', choices: ['none', 'horizontal', 'vertical', 'both'] },
  ]);
  control.send({ type: 'media_start', payload: requestWith(dark) });
  const { pipelineId } = await control.state('running', { from: 0, withinMs: 60_000 });
  const id = pipelineId ?? '';
  const first = await picture(id);
  set({});
  await until(id, 'lighter', ({ light }) => light > first.light + 40);
});

t.test('brightness, saturation and flip are seen while live, in the same stream', async (t) => {
  const id = control.fragments.at(-1)?.header.pipelineId ?? '';
  const plain = await picture(id);
  set({ saturation: 0 });
  await until(id, 'grey', ({ colour }) => colour < plain.colour / 4);
  set({ brightness: 60 });
  await until(id, 'lighter and coloured', ({ light, colour }) => light > plain.light + 30 && colour > 4);
  set({ flip: 'both' });
  const upside = await until(
    id,
    'upside down',
    ({ luma, light }) =>
      Math.abs(light - plain.light) < 20 &&
      differenceOf(flipped(luma), plain.luma) < differenceOf(luma, plain.luma) / 2,
  );
  t.ok(upside);
  set({});
  await until(id, 'as it was', ({ luma }) => differenceOf(luma, plain.luma) < 10);
  t.same([...new Set(control.fragments.map(({ header }) => header.pipelineId))], [id], 'one stream');
});

t.test('a source that is started again has what is set', async (t) => {
  const id = control.fragments.at(-1)?.header.pipelineId ?? '';
  const plain = await picture(id);
  set({ brightness: -60 });
  await until(id, 'darker', ({ light }) => light < plain.light - 40);
  const sources = async () =>
    (await run('ps', ['--ppid', String(daemon.pid), '-o', 'pid=,args='])).output
      .toString()
      .split('\n')
      .filter((line) => line.includes('onair-media-source test'))
      .map((line) => Number.parseInt(line, 10));
  const [struck] = await sources();
  t.ok(struck);
  process.kill(struck ?? 0, 'SIGKILL');
  while ((await sources()).every((pid) => pid === struck));
  await until(id, 'darker', ({ light }) => light < plain.light - 40);
});
