import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { MediaState } from '#media/link-payloads.ts';
import { failing, isRunning, request, type Script, supervise, well } from '#test/support/supervised-media.ts';

function plug(root: string): void {
  symlinkSync('/dev/null', join(root, 'dev/video11')); // any character device that opens
  mkdirSync(join(root, 'sys/class/video4linux/video11'), { recursive: true });
  writeFileSync(join(root, 'sys/class/video4linux/video11/name'), 'bcm2835-codec-encode\n');
  writeFileSync(join(root, 'sys/class/video4linux/video11/dev'), '1:3\n');
}

function unplug(root: string): void {
  rmSync(join(root, 'dev/video11'));
  rmSync(join(root, 'sys/class/video4linux/video11'), { recursive: true });
}

function boardWithEncoder(t: Test): string {
  const root = t.testdir();
  mkdirSync(join(root, 'dev'));
  plug(root);
  return root;
}

t.test('a hardware encoder that dies early gives way to software at once, and that is said', async (t) => {
  const root = boardWithEncoder(t);
  const dies = failing('encoder', 'Failed to process frame.');
  const { supervisor, encoders, reached } = await supervise(t, { encoders: [dies, well], root });
  await supervisor.start(request());
  t.match(await reached(({ state, format }) => state === 'running' && format?.encoder === 'x264enc'), {
    reason: { code: 'encoder-gave-up', action: /tries the hardware again/ },
    refusal: false,
  });
  t.same(
    encoders.map(({ plan }) => [plan?.encoder, plan?.device]),
    [
      ['v4l2h264enc', '/dev/video11'],
      ['x264enc', null],
    ],
  );
});

/** Goes on delivering until it is closed. */
const lasting: Script = (child, message) => {
  well(child, message);
  if (message.type !== 'play') return;
  const timer = setInterval(() => {
    if (child.closed) clearInterval(timer);
    else child.frame();
  }, 50);
};

t.test('one that is pulled out gives way to software, and is used again when it is back', async (t) => {
  const root = boardWithEncoder(t);
  const { supervisor, encoders, states, reached } = await supervise(t, { root, encoders: [lasting] });
  await supervisor.open();
  await supervisor.start(request());
  await reached(({ state, format }) => state === 'running' && format?.encoder === 'v4l2h264enc');
  unplug(root);
  encoders[0]?.events.emit('died', 'SIGSEGV');
  t.match(await reached(({ state, format }) => state === 'running' && format?.encoder === 'x264enc'), {
    reason: { code: 'encoder-missing' },
  });
  const from = states.length;
  plug(root);
  const isHardware = ({ state, format }: MediaState) =>
    state === 'running' && format?.encoder === 'v4l2h264enc';
  t.match(await reached(isHardware, from), { reason: null });
  const reasons = new Set(states.slice(from).map(({ reason }) => reason?.code ?? null));
  t.strictSame(
    [...reasons].filter((code) => code !== 'encoder-missing'),
    [null],
    'none failed meanwhile',
  );
});

t.test('an encoder process that finds the hardware unfit uses x264enc, and that is said', async (t) => {
  const root = boardWithEncoder(t);
  const unfit: Script = (child, message) => {
    const standIn = { code: 'encoder-size', detail: '640x360' } as const;
    if (message.type === 'prepare')
      child.events.emit('message', { type: 'prepared', standIn, liveBitrate: true });
    else well(child, message);
  };
  const { supervisor, encoders, reached } = await supervise(t, { encoders: [unfit], root });
  await supervisor.start(request());
  t.match(await reached(isRunning), {
    format: { encoder: 'x264enc' },
    reason: { code: 'encoder-size', message: /takes no pictures of 640x360/ },
  });
  t.equal(encoders.length, 1, 'without another start');
});

t.test('an encoder that takes another bitrate while it runs is not started again', async (t) => {
  const { supervisor, encoders, reached } = await supervise(t, { root: boardWithEncoder(t) });
  await supervisor.start(request());
  await reached(isRunning);
  await supervisor.setBitrate(1_500);
  t.match(
    encoders[0]?.heard.find(({ type }) => type === 'bitrate'),
    { bitrateKbps: 1_500 },
  );
  t.equal(encoders.length, 1);
  encoders[0]?.events.emit('message', { type: 'bitrate_refused' });
  await reached(() => encoders.length === 2 && encoders[1]?.plan !== null);
  t.equal(encoders[1]?.plan?.video.bitrateKbps, 1_500, 'one that refuses it is');
});
