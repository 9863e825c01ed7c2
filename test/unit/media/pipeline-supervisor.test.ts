import { EventEmitter } from 'node:events';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import type { MediaRequest } from '#core/domain/media.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { MediaBus } from '#media/bus/media-bus.ts';
import { BusTimeline } from '#media/bus/timeline.ts';
import type { PipelineChildEvents } from '#media/child-handle.ts';
import type { MediaState } from '#media/link-payloads.ts';
import type { PipelinePlan, ToPipeline } from '#media/pipeline-plan.ts';
import { PipelineSupervisor } from '#media/pipeline-supervisor.ts';
import { Machine } from '#media/source/machine.ts';
import { mediaRequest } from '#test/support/media-daemon.ts';

/** One GDP packet: caps (type 2) or a frame (type 1). */
function packet(type: number, payload: Buffer, pts = 0n, flags = 0): Buffer {
  const header = Buffer.alloc(62);
  header[0] = 1;
  header.writeUInt16BE(type, 4);
  header.writeUInt32BE(payload.length, 6);
  header.writeBigUInt64BE(pts, 10);
  header.writeUInt16BE(flags, 42);
  return Buffer.concat([header, payload]);
}
const caps = packet(
  2,
  Buffer.from('video/x-h264, codec_data=(buffer)0142c01fffe100, width=(int)640, height=(int)360'),
);

/** Plays the part of a child process; a test's script says how it behaves. */
class FakeChild extends EventEmitter<PipelineChildEvents> {
  readonly pid = 4711;
  readonly heard: ToPipeline[] = [];
  closed = false;
  readonly #script: Script;

  constructor(script: Script) {
    super();
    this.#script = script;
  }

  send(message: ToPipeline): void {
    this.heard.push(message);
    setImmediate(() => {
      if (!this.closed) this.#script(this, message);
    });
  }

  close(): void {
    this.closed = true;
  }

  get plan(): PipelinePlan | null {
    const prepare = this.heard.find((message) => message.type === 'prepare');
    return prepare?.type === 'prepare' ? prepare.plan : null;
  }

  frame(number = 0): void {
    if (number === 0) this.emit('video', caps);
    this.emit(
      'video',
      packet(1, Buffer.from('frame'), BigInt(number) * 33_333_333n, number === 0 ? 0 : 0x2000),
    );
  }
}
type Script = (child: FakeChild, message: ToPipeline) => void;

/** Prepares, plays and delivers one frame. */
const well: Script = (child, { type }) => {
  if (type === 'prepare') child.emit('message', { type: 'prepared', sound: false });
  if (type === 'play') child.frame();
};
const failing =
  (element: string, message: string): Script =>
  (child, { type }) => {
    if (type === 'prepare') child.emit('message', { type: 'prepared', sound: false });
    if (type === 'play') child.emit('gstreamerError', { element, message });
  };

/** A supervisor whose children follow these scripts in turn, the last one again and again. */
function supervise(t: { teardown(end: () => void): void }, scripts: Script[], root = '/nowhere') {
  const children: FakeChild[] = [];
  const states: MediaState[] = [];
  const take = () => {
    const script = scripts[Math.min(children.length, scripts.length - 1)] ?? well;
    const child = new FakeChild(script);
    children.push(child);
    return child;
  };
  const logger = createLogger('media', 'silent');
  const bus = new MediaBus({ socketPath: '/nowhere/media.sock', onKeyFrameWanted: () => {}, logger });
  const output = { bus, timeline: new BusTimeline() };
  const machine = new Machine({ root });
  const supervisor = new PipelineSupervisor({ standby: { take }, machine, output, logger });
  supervisor.on('state', (state) => states.push(state));
  t.teardown(() => supervisor.close());
  const reached = (fits: (state: MediaState) => boolean, from = 0) =>
    new Promise<MediaState>((resolve) => {
      const old = states.slice(from).find(fits);
      if (old) return resolve(old);
      const listener = (state: MediaState) => {
        if (!fits(state)) return;
        supervisor.off('state', listener);
        resolve(state);
      };
      supervisor.on('state', listener);
    });
  return { supervisor, children, states, reached };
}

const request = (video: Partial<MediaRequest['video']> = {}) =>
  mediaRequest({ video, audio: { source: 'none' } });
const isRunning = ({ state }: MediaState) => state === 'running';

t.test('start, running, stop', async (t) => {
  const { supervisor, children, states, reached } = supervise(t, [well]);
  await supervisor.start(request());
  const running = await reached(isRunning);
  t.same(
    states.map(({ state }) => state),
    ['starting', 'starting', 'running'],
  );
  t.match(running, { reason: null, format: { encoder: 'x264enc', audio: false }, attempt: 0 });
  supervisor.stop();
  t.match(supervisor.state, { state: 'idle', pipelineId: null, format: null });
  t.ok(children[0]?.closed);
});

t.test('each failure waits twice as long', async (t) => {
  const { supervisor, states, reached } = supervise(t, [
    failing('queue0', 'boom'),
    failing('queue0', 'boom'),
    well,
  ]);
  const began = performance.now();
  await supervisor.start(request());
  await reached(isRunning);
  const tookMs = performance.now() - began;
  t.ok(tookMs > 740 && tookMs < 1_500, `250 ms, then 500 ms: ${Math.round(tookMs)} ms`);
  const retrying = states.filter(({ state, format }) => state === 'retrying' && format === null);
  t.same([...new Set(retrying.map(({ attempt }) => attempt))], [1, 2]);
  t.match(retrying[0], { reason: { code: 'pipeline-failed', message: /queue0: boom/ } });
  t.match(states.at(-1), { state: 'running', reason: null });
});

t.test('what can never work is refused at once, and a second request may work', async (t) => {
  const { supervisor, reached, states } = supervise(t, [
    (child, { type }) => {
      if (type === 'prepare') child.emit('message', { type: 'failed', text: 'no element "x264enc"' });
    },
    well,
  ]);
  await supervisor.start(request());
  t.match(states.at(-1), {
    state: 'refused',
    pipelineId: null,
    reason: { code: 'element-missing', message: /x264enc/, action: /gstreamer1\.0-plugins-ugly/ },
  });
  const from = states.length;
  await supervisor.start(request());
  t.match(await reached(isRunning, from), { reason: null });
});

t.test('once it ran, nothing is permanent', async (t) => {
  const { supervisor, children, reached } = supervise(t, [well, well]);
  await supervisor.start(request());
  await reached(isRunning);
  children[0]?.emit('gstreamerError', {
    element: 'camera',
    message: "Cannot identify device '/dev/video0'.",
  });
  t.match(supervisor.state, { state: 'retrying', reason: { code: 'source-missing' } });
  await reached(({ state, pipelineId }) => state === 'running' && pipelineId !== null, 4);
});

t.test('a change that fails before its first frame goes back to what ran', async (t) => {
  const { supervisor, children, states, reached } = supervise(t, [
    well,
    failing('encoder', 'no such size'),
    well,
  ]);
  await supervisor.start(request());
  await reached(isRunning);
  const from = states.length;
  await supervisor.start(request({ width: 1920, height: 1080 }));
  const back = await reached(isRunning, from);
  t.match(back, { reason: { code: 'encoder-failed' }, format: { width: 640 } });
  t.equal(children[2]?.plan?.video.width, 640);
  t.ok(
    states.slice(from).some(({ state, reason }) => state === 'retrying' && reason?.code === 'encoder-failed'),
  );
});

t.test('live changes reach the pipeline that runs; no other is started', async (t) => {
  const { supervisor, children, states, reached } = supervise(t, [well]);
  await supervisor.start(request());
  await reached(isRunning);
  const rtp = { videoPort: 5004, audioPort: 5006 };
  const before = states.length;
  await supervisor.start({ ...request({ bitrateKbps: 2_000 }), rtp });
  t.same(children[0]?.heard.slice(-2), [
    { type: 'rtp', rtp },
    { type: 'bitrate', bitrateKbps: 2_000 },
  ]);
  t.match(states.slice(before), [{ state: 'running', format: { bitrateKbps: 2_000 } }]);
  await supervisor.start({ ...request({ bitrateKbps: 2_000 }), rtp });
  t.equal(children.length, 1);
  t.equal(states.length, before + 2, 'and each request is answered');
});

t.test('stop while it starts', async (t) => {
  const { supervisor, children, states } = supervise(t, [() => {}]);
  const starting = supervisor.start(request());
  await new Promise((resolve) => setImmediate(resolve));
  supervisor.stop();
  await starting;
  t.equal(states.at(-1)?.state, 'idle');
  t.ok(children.every(({ closed }) => closed));
});

t.test('requests that overtake one another: the last one counts', async (t) => {
  const { supervisor, children, reached } = supervise(t, [well]);
  void supervisor.start(request({ width: 320, height: 240 }));
  void supervisor.start(request({ width: 480, height: 270 }));
  await supervisor.start(request({ width: 800, height: 450 }));
  await reached(isRunning);
  t.equal(children.at(-1)?.plan?.video.width, 800);
  t.equal(children.filter(({ closed }) => !closed).length, 1);
});

t.test('key frames: one at once, one more after 250 ms for all that came meanwhile', async (t) => {
  const { supervisor, children, reached } = supervise(t, [well]);
  await supervisor.start(request());
  await reached(isRunning);
  const keys = () => children[0]?.heard.filter(({ type }) => type === 'key_frame').length;
  for (let times = 0; times < 10; times += 1) supervisor.forceKeyFrame();
  t.equal(keys(), 1);
  await new Promise((resolve) => setTimeout(resolve, 350));
  t.equal(keys(), 2);
});

t.test('a hardware encoder that keeps dying gives way to software', async (t) => {
  const root = t.testdir();
  mkdirSync(join(root, 'dev'));
  symlinkSync('/dev/null', join(root, 'dev/video11')); // any character device that opens
  mkdirSync(join(root, 'sys/class/video4linux/video11'), { recursive: true });
  writeFileSync(join(root, 'sys/class/video4linux/video11/name'), 'bcm2835-codec-encode\n');
  writeFileSync(join(root, 'sys/class/video4linux/video11/dev'), '1:3\n');
  const dies: Script = (child, message) => {
    well(child, message);
    if (message.type === 'play')
      child.emit('gstreamerError', { element: 'encoder', message: 'Failed to process frame.' });
  };
  const { supervisor, children, reached } = supervise(t, [dies, dies, dies, well], root);
  await supervisor.start(request());
  t.match(await reached(({ state, format }) => state === 'running' && format?.encoder === 'x264enc'), {
    reason: null,
  });
  t.same(
    children.map(({ plan }) => plan?.encoder),
    ['v4l2h264enc', 'v4l2h264enc', 'v4l2h264enc', 'x264enc'],
  );
});

t.test('a microphone that fails costs the sound, not the picture', async (t) => {
  const { supervisor, children, reached } = supervise(t, [failing('microphone', 'Device busy'), well]);
  await supervisor.start({ ...request(), audio: { source: 'alsa:hw:1', bitrateKbps: 96 } });
  await reached(isRunning);
  t.same(
    children.map(({ plan }) => plan?.sound),
    [{ kind: 'alsa', device: 'hw:1' }, { kind: 'none' }],
  );
});
