import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { writeClip } from '../support/media-clip.ts';
import { MediaDaemon, mediaRequest } from '../support/media-daemon.ts';
import { run } from '../support/media-decode.ts';

const folder = await mkdtemp(join(tmpdir(), 'onair-clips-'));
t.teardown(() => rm(folder, { recursive: true, force: true }));
const daemon = await MediaDaemon.start();
t.teardown(() => daemon.stop());
const { control } = daemon;

/** Asks for a source; the answer is the first state that is neither `starting` nor one from before. */
function ask(source: string, change: Parameters<typeof mediaRequest>[0] = {}) {
  const from = control.messages.length;
  control.send({
    type: 'media_start',
    payload: mediaRequest({ ...change, video: { ...change.video, source } }),
  });
  return control.message('media_state', ({ state }) => state !== 'starting', { from });
}

async function stop(): Promise<void> {
  const from = control.messages.length;
  control.send({ type: 'media_stop', payload: {} });
  await control.state('idle', { from });
}

t.test('what cannot be a source is refused, with the reason', async (t) => {
  const text = join(folder, 'notes.txt');
  const empty = join(folder, 'empty.mp4');
  const soundOnly = join(folder, 'song.wav');
  const torn = join(folder, 'torn.mp4');
  await writeFile(text, 'this is no clip '.repeat(100));
  await writeFile(empty, '');
  await run('ffmpeg', ['-v', 'error', '-f', 'lavfi', '-i', 'sine=duration=1', '-y', soundOnly]);
  await writeFile(
    torn,
    Buffer.concat([Buffer.from('00000020667479706d703432', 'hex'), Buffer.alloc(5_000, 7)]),
  );
  for (const [source, code, message] of [
    ['file:/nowhere/clip.mp4', 'clip-missing', /\/nowhere\/clip\.mp4 does not exist/],
    [`file:${folder}`, 'clip-not-file', /not a regular file/],
    ['file:/dev/zero', 'clip-not-file', /not a regular file/],
    [`file:${text}`, 'clip-unreadable', /text file/],
    [`file:${empty}`, 'clip-unreadable', /./],
    [`file:${torn}`, 'clip-unreadable', /./],
    // GStreamer may say that nothing can be decoded before the reader says that there is nothing to see.
    [`file:${soundOnly}`, /^clip-(without-pictures|unreadable)$/, /no pictures|cannot be decoded/],
    ['v4l2:/dev/video99', 'source-missing', /\/dev\/video99 does not exist/],
    ['v4l2:/dev/null', 'source-not-capture', /\/dev\/null is not a camera/],
    ['v4l2:/dev/../etc/passwd', 'source-not-capture', /not a camera/],
  ] as const) {
    const state = await ask(source);
    t.match(state, { state: 'refused', pipelineId: null, reason: { code, message } }, source);
    t.ok((state.reason?.action.length ?? 0) > 10, 'and what to do about it');
  }
});

t.test('a CSI camera that is not here, whether or not its plug-in is', async (t) => {
  const from = control.messages.length;
  await ask('csi');
  const state = await control.state('refused', { from });
  t.ok(['no-camera', 'element-missing'].includes(state.reason?.code ?? ''), JSON.stringify(state.reason));
});

t.test('auto without a camera says what it looked for', async (t) => {
  t.match(await ask('auto'), { state: 'refused', reason: { code: 'no-camera', message: /CSI.*V4L2/ } });
});

t.test('settings that cannot work are refused', async (t) => {
  for (const [video, named] of [
    [{ width: 641 }, /641x360 must be even/],
    [{ width: -2 }, /video\.width is -2/],
    [{ framesPerSecond: 0 }, /video\.framesPerSecond is 0/],
    [{ bitrateKbps: 10_000_000 }, /video\.bitrateKbps/],
  ] as const) {
    const state = await ask('test', { video });
    t.match(state, { state: 'refused', reason: { code: 'request-invalid', message: named } });
  }
});

t.test('x264enc stands in for a hardware encoder that is not here, and that is said', async (t) => {
  t.match(await ask('test', { video: { encoder: 'v4l2h264enc' } }), {
    state: 'running',
    format: { encoder: 'x264enc' },
    reason: { code: 'encoder-missing' },
  });
  await stop();
});

t.test('a microphone that is not here: pictures go on, with silence', async (t) => {
  const { pipelineId } = await ask('test', { audio: { source: 'alsa:hw:7' } });
  const from = control.fragments.length;
  t.match(control.messages.at(-1), { payload: { state: 'running', format: { audio: true } } });
  await control.fragment(({ header }) => header.kind === 'part' && header.pipelineId === pipelineId, {
    from,
  });
  await stop();
});

t.test('while one source runs', async (t) => {
  const clip = join(folder, 'clip.mp4');
  await writeClip(clip);
  const { pipelineId: running } = await ask(`file:${clip}`);

  t.test('a bad one is refused and the good one goes on', async (t) => {
    const from = control.fragments.length;
    for (const source of ['file:/nowhere.mp4', `file:${join(folder, 'notes.txt')}`, 'v4l2:/dev/video99']) {
      t.match(await ask(source), { state: 'running', pipelineId: running, reason: { action: /./ } }, source);
    }
    await control.fragment(({ header }) => header.pipelineId === running, { from });
    t.same([...new Set(control.fragments.slice(from).map(({ header }) => header.pipelineId))], [running]);
  });

  t.test('another good one takes over, in the same stream', async (t) => {
    const from = control.fragments.length;
    t.match(await ask('test'), {
      state: 'running',
      pipelineId: running,
      reason: null,
      format: { source: 'test', width: 640 },
    });
    await control.fragment(({ header }) => header.kind === 'part', { from });
    t.same([...new Set(control.fragments.slice(from).map(({ header }) => header.pipelineId))], [running]);
  });
});
