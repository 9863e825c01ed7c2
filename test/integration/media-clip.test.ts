import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { clipFrames, writeClip } from '../support/media-clip.ts';
import { MediaDaemon, mediaRequest } from '../support/media-daemon.ts';
import { decodeStamps, loudness, RtpPort, run } from '../support/media-decode.ts';

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

async function partsFor(pipelineId: string | null, seconds: number) {
  while (control.movie(pipelineId ?? '').seconds < seconds) {
    await control.fragment(({ header }) => header.pipelineId === pipelineId);
  }
  return control.movie(pipelineId ?? '');
}

async function stop(): Promise<void> {
  const from = control.messages.length;
  control.send({ type: 'media_stop', payload: {} });
  await control.state('idle', { from });
}

t.test('a clip, looped', async (t) => {
  const path = join(folder, 'a "clip" ! with \'odd\'\n letters, é.mp4');
  await writeClip(path);
  const videoPort = new RtpPort();
  const audioPort = new RtpPort();
  const rtp = { videoPort: await videoPort.open(), audioPort: await audioPort.open() };
  t.teardown(() => videoPort.close());
  t.teardown(() => audioPort.close());
  const state = await ask(`file:${path}`, { rtp });
  t.match(state, { state: 'running', format: { audio: true, source: `file:${path}` } });
  const movie = await partsFor(state.pipelineId, 4.5);
  await stop();

  const { frames, complaints } = await decodeStamps(movie.bytes);
  t.same(complaints, [], 'ffmpeg sees one movie without a seam');
  t.ok(frames.length > 90, `${frames.length} frames in 4.5 s, four seams`);
  let seams = 0;
  let irregular = 0;
  for (let at = 1; at < frames.length; at += 1) {
    const [before, here] = [frames[at - 1], frames[at]];
    const slots = Math.round(((here?.seconds ?? 0) - (before?.seconds ?? 0)) * 30);
    const step = (here?.stamp?.frame ?? -1) - (before?.stamp?.frame ?? -1);
    if (step < -clipFrames / 2) seams += 1;
    if (slots < 1) t.fail(`frame ${at} does not come after the one before`);
    if (slots !== 1 || (step + clipFrames) % clipFrames !== 1) irregular += 1;
  }
  t.equal(seams, 4);
  // A busy machine skips a slot here and there; the seams themselves skip none.
  t.ok(irregular < frames.length / 5, `${irregular} steps of more than one frame`);

  const { mean } = await loudness(movie.bytes);
  t.ok(mean > -30, `the tone goes on (${mean} dB)`);
  for (const { packets } of [videoPort, audioPort]) {
    const steps = packets.slice(1).map(({ timestamp }, at) => timestamp - (packets[at]?.timestamp ?? 0));
    t.ok(
      steps.every((step) => step >= 0),
      'RTP time never goes back',
    );
    const sequences = packets.slice(1).map(({ sequence }, at) => sequence - (packets[at]?.sequence ?? 0));
    t.ok(
      sequences.every((step) => step === 1),
      'RTP sequence has no gap',
    );
  }
  // The first packet is short by Opus's own delay.
  const [, ...sounds] = audioPort.packets;
  const soundSteps = sounds.slice(1).map(({ timestamp }, at) => timestamp - (sounds[at]?.timestamp ?? 0));
  t.ok(
    soundSteps.every((step) => step === 960),
    'every 20 ms of sound are there',
  );
});

t.test('a clip whose sound is longer holds its last picture', async (t) => {
  const path = join(folder, 'long-sound.mp4');
  await writeClip(path, { soundSeconds: 1.5 });
  const state = await ask(`file:${path}`);
  const movie = await partsFor(state.pipelineId, 2.2);
  await stop();
  const { frames, complaints } = await decodeStamps(movie.bytes);
  t.same(complaints, []);
  const held = frames.filter(({ stamp }) => stamp?.frame === clipFrames - 1).length;
  t.ok(held >= 14 && held <= 18, `the last picture stays for ${held} frames`);
});

t.test('a clip without sound, turned into another size and rate', async (t) => {
  const path = join(folder, 'silent.mp4');
  await writeClip(path, { soundSeconds: 0 });
  const state = await ask(`file:${path}`, { video: { width: 320, height: 320, framesPerSecond: 15 } });
  t.match(state, {
    state: 'running',
    format: { audio: true, width: 320, height: 320, framesPerSecond: 15 },
  });
  const movie = await partsFor(state.pipelineId, 1.4);
  const { output } = await run(
    'ffmpeg',
    [
      '-v',
      'error',
      '-i',
      'pipe:0',
      '-frames:v',
      '1',
      '-vf',
      'crop=320:60:0:0,format=gray',
      '-f',
      'rawvideo',
      'pipe:1',
    ],
    movie.bytes,
  );
  t.ok(
    output.length === 320 * 60 && output.every((luma) => luma < 24),
    'black above the picture: not stretched',
  );
});
