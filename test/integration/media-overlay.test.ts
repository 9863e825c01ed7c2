import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Overlay } from '#core/domain/overlay.ts';
import { MediaDaemon, mediaRequest } from '../support/media-daemon.ts';
import { run } from '../support/media-decode.ts';
import { pngOf } from '../support/png.ts';

/** The daemon as it ships: what is drawn over the pictures, changed while they flow. */
const folder = await mkdtemp(join(tmpdir(), 'onair-overlay-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const daemon = await MediaDaemon.start();
t.teardown(() => daemon.stop());
const { control } = daemon;
const [width, height] = [640, 360];

/** Two white pixels. */
const logo = join(folder, 'logo.png');
await writeFile(logo, pngOf([255, 255]));
const clip = join(folder, 'grey.mp4');
const grey = `color=gray:size=${width}x${height}:rate=2:duration=4`;
await run('ffmpeg', [
  '-v',
  'error',
  '-f',
  'lavfi',
  '-i',
  grey,
  '-pix_fmt',
  'yuv420p',
  '-preset',
  'ultrafast',
  clip,
]);

function show(overlay: Overlay | null): void {
  const video = { source: `file:${clip}`, framesPerSecond: 2 };
  control.send({ type: 'media_start', payload: mediaRequest({ video, overlay }) });
}

/** The luma of the newest key frame. */
async function newestPicture(pipelineId: string): Promise<Buffer> {
  const from = control.fragments.length;
  const part = await control.fragment(({ header }) => header.kind === 'part' && header.independent, {
    from,
    withinMs: 60_000,
  });
  const own = control.fragments.filter(({ header }) => header.pipelineId === pipelineId);
  const init = own.find(({ header }) => header.kind === 'init');
  const movie = Buffer.concat([init?.bytes ?? Buffer.alloc(0), part.bytes]);
  const args = [
    '-v',
    'error',
    '-i',
    'pipe:0',
    '-frames:v',
    '1',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    'pipe:1',
  ];
  return (await run('ffmpeg', args, movie)).output;
}

/** How many pixels of a sixth of the picture are not the grey of the clip. */
function drawnIn(picture: Buffer, column: 0 | 1 | 2, row: 0 | 1): number {
  let drawn = 0;
  for (let y = row * 240; y < row * 240 + 120; y += 1) {
    for (let x = Math.floor((column * width) / 3); x < Math.floor(((column + 1) * width) / 3); x += 1) {
      if (Math.abs((picture[y * width + x] ?? 0) - 126) > 30) drawn += 1;
    }
  }
  return drawn;
}

const fields = (picture: Buffer) => ({
  topLeft: drawnIn(picture, 0, 0),
  top: drawnIn(picture, 1, 0),
  topRight: drawnIn(picture, 2, 0),
  bottomLeft: drawnIn(picture, 0, 1),
  bottom: drawnIn(picture, 1, 1),
  bottomRight: drawnIn(picture, 2, 1),
});

type Field = keyof ReturnType<typeof fields>;

/** Looks at pictures until these parts of one, and no others, are drawn on. @returns how many pixels of the picture are */
async function until(pipelineId: string, ...wanted: Field[]): Promise<number> {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const drawn = fields(await newestPicture(pipelineId));
    const where = (Object.keys(drawn) as Field[]).filter((field) => drawn[field] > 0);
    if (where.join() === wanted.join()) return Object.values(drawn).reduce((sum, pixels) => sum + pixels, 0);
  }
  throw new Error(`nothing is drawn in ${wanted.join() || 'no field'} alone`);
}

show(null);
const { pipelineId } = await control.state('running', { from: 0, withinMs: 30_000 });
const id = pipelineId ?? '';

t.test('without one, nothing is drawn and no process runs for it', async (t) => {
  t.equal(await until(id), 0);
  t.notMatch(await processes(), ':overlay');
});

t.test('clock, text and logo come and go in their places, in the same stream', async (t) => {
  show({ clock: { place: 'top-right' }, text: null, logo: null });
  t.ok((await until(id, 'topRight')) > 200);
  t.match(await processes(), ':overlay');
  show({
    clock: null,
    text: { text: 'a <b>&amp;', place: 'bottom-left' },
    logo: { path: logo, place: 'top-left' },
  });
  t.ok((await until(id, 'topLeft', 'bottomLeft')) > 3_000);
  show(null);
  t.equal(await until(id), 0);
  t.notMatch(await processes(), ':overlay');
  t.same([...new Set(control.fragments.map(({ header }) => header.pipelineId))], [id]);
});

t.test('the clock goes on', async (t) => {
  show({ clock: { place: 'bottom-right' }, text: null, logo: null });
  await until(id, 'bottomRight');
  const first = await newestPicture(id);
  let differs = false;
  for (let attempt = 0; attempt < 30 && !differs; attempt += 1) {
    const next = await newestPicture(id);
    differs = next.some((value, at) => Math.abs(value - (first[at] ?? 0)) > 60);
  }
  t.ok(differs);
});

t.test('a logo that is none is said, and the rest is shown', async (t) => {
  const broken = join(folder, 'broken.png');
  await writeFile(broken, 'no picture');
  const from = control.messages.length;
  show({ clock: null, text: { text: 'Hello', place: 'bottom' }, logo: { path: broken, place: 'top' } });
  const said = await control.message(
    'media_state',
    ({ state, reason }) => state === 'running' && reason?.code === 'logo-unreadable',
    { from },
  );
  t.match(said.reason?.message, /broken\.png/);
  t.ok((await until(id, 'bottom')) > 200);
});

t.test('a process that is killed is back', async (t) => {
  const line = (await processes()).split('\n').find((each) => each.includes(':overlay'));
  process.kill(Number.parseInt(line ?? '', 10), 'SIGKILL');
  show({ clock: null, text: { text: 'Hello', place: 'top' }, logo: null });
  t.ok((await until(id, 'top')) > 200);
});

t.test('a process that hangs is told of and replaced; meanwhile what it drew stays', async (t) => {
  show({ clock: null, text: { text: 'Hello', place: 'bottom-left' }, logo: null });
  await until(id, 'bottomLeft');
  const pid = async () => {
    const line = (await processes()).split('\n').find((each) => each.includes(':overlay'));
    return Number.parseInt(line ?? '', 10);
  };
  const hung = await pid();
  const from = control.messages.length;
  process.kill(hung, 'SIGSTOP');
  const drawn = fields(await newestPicture(id));
  t.ok(drawn.bottomLeft > 200, 'the picture goes on with it');
  const said = await control.message(
    'media_state',
    ({ state, reason }) => state === 'running' && reason?.code === 'overlay-failed',
    { from, withinMs: 60_000 },
  );
  t.match(said.reason?.message, /silent for \d+\.\d s/);
  await control.message('media_state', ({ state, reason }) => state === 'running' && reason === null, {
    from: control.messages.findIndex((message) => message.payload === said) + 1,
    withinMs: 60_000,
  });
  t.not(await pid(), hung);
  show({ clock: null, text: { text: 'Hello', place: 'top' }, logo: null });
  await until(id, 'top');
});

/** Media's children: a line each, with their ids and titles. */
async function processes(): Promise<string> {
  const children = await readFile(`/proc/${daemon.pid}/task/${daemon.pid}/children`, 'utf8');
  const lines = children
    .trim()
    .split(' ')
    .map(async (pid) => `${pid} ${await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')}`);
  return (await Promise.all(lines)).join('\n');
}
