import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { EventHub } from '#core/domain/event-hub.ts';
import type { MediaRequest } from '#core/domain/media.ts';
import { createLogger } from '#core/runtime/logger.ts';
import { MediaBus } from '#media/bus/media-bus.ts';
import { BusTimeline } from '#media/bus/timeline.ts';
import type { Child, ChildEvents } from '#media/child-process.ts';
import {
  type AirPlan,
  type PipelinePlan,
  slateId,
  type ToPipeline,
  videoDescriptor,
} from '#media/encoder/plan.ts';
import type { MediaState } from '#media/link-payloads.ts';
import type { SourcePlan, ToSource } from '#media/sources/contract.ts';
import { Machine } from '#media/sources/machine.ts';
import { Supervisor } from '#media/supervisor.ts';
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

/** Plays the part of an encoder process; a test's script says how it behaves. */
class FakeEncoder implements Child<'encoder'> {
  readonly events = new EventHub<ChildEvents<'encoder'>>();
  readonly pid = 4711;
  readonly heard: ToPipeline[] = [];
  closed = false;
  showing: string | null = null;
  readonly #script: Script;
  readonly #fresh: () => ReadonlySet<string>;

  constructor(script: Script, fresh: () => ReadonlySet<string>) {
    this.#script = script;
    this.#fresh = fresh;
  }

  send(message: ToPipeline): void {
    this.heard.push(message);
    setImmediate(() => {
      if (!this.closed) this.#script(this, message);
    });
  }

  close(): void {
    this.closed = true;
    this.events.close();
  }

  get plan(): PipelinePlan | null {
    const prepare = this.heard.find((message) => message.type === 'prepare');
    return prepare?.type === 'prepare' ? prepare.plan : null;
  }

  get air(): AirPlan | null {
    const air = this.heard.findLast((message) => message.type === 'air');
    return air?.type === 'air' ? air.air : null;
  }

  /** Shows what the air plan and the sources that deliver come to. */
  look(): void {
    const fresh = this.#fresh();
    const next = this.air?.order.find(({ id }) => fresh.has(id))?.id;
    const slate = this.showing !== null || this.air?.slateAfterMs === 0;
    const shown = next ?? (slate ? slateId : null);
    if (shown === null || shown === this.showing || this.closed) return;
    const first = this.showing === null;
    this.showing = shown;
    this.events.emit('message', { type: 'showing', id: shown });
    if (first) this.frame();
  }

  /** The second picture is so late that sound is not waited for any longer. */
  frame(): void {
    const pictures = [33_333_333n, 1_200_000_000n].map((pts) => packet(1, Buffer.from('frame'), pts, 0));
    this.events.emit('bytes', { descriptor: videoDescriptor, bytes: Buffer.concat([caps, ...pictures]) });
  }
}
type Script = (child: FakeEncoder, message: ToPipeline) => void;

/** Plays the part of a source process, which delivers from the moment it is started, unless a test says otherwise. */
class FakeSource implements Child<'source'> {
  readonly events = new EventHub<ChildEvents<'source'>>();
  readonly pid = 4712;
  plan: SourcePlan | null = null;
  closed = false;
  readonly #start: (source: FakeSource) => void;

  constructor(start: (source: FakeSource) => void) {
    this.#start = start;
  }

  send(message: ToSource): void {
    if (message.type !== 'start') return;
    this.plan = message.plan;
    setImmediate(() => {
      if (!this.closed) this.#start(this);
    });
  }

  close(): void {
    this.closed = true;
    this.events.close();
  }

  play(): void {
    const { width, height, framesPerSecond } = this.plan?.video ?? {
      width: 2,
      height: 2,
      framesPerSecond: 1,
    };
    const video = { width, height, framesPerSecond };
    this.events.emit('message', { type: 'state', state: 'playing', video, sound: false, reason: null });
  }

  wait(): void {
    this.events.emit('message', { type: 'state', state: 'waiting', video: null, sound: false, reason: null });
  }
}

const prepared = { type: 'prepared', standIn: null, liveBitrate: true } as const;

/** Prepares, plays and shows what there is. */
const well: Script = (child, { type }) => {
  if (type === 'prepare') child.events.emit('message', prepared);
  if (type === 'air') child.look();
};
const failing =
  (element: string, message: string): Script =>
  (child, { type }) => {
    if (type === 'prepare') child.events.emit('message', prepared);
    if (type === 'play') child.events.emit('gstreamerError', { element, message });
  };

interface Scene {
  encoders?: Script[];
  /** What a source does once it is started. */
  source?: (source: FakeSource) => void;
  root?: string;
}

/** A supervisor whose encoders follow these scripts in turn, the last one again and again. */
async function supervise(t: { teardown(end: () => void): void }, scene: Scene = {}) {
  const { encoders: scripts = [well], source: start = (source) => source.play(), root = '/nowhere' } = scene;
  const encoders: FakeEncoder[] = [];
  const sources: FakeSource[] = [];
  const states: MediaState[] = [];
  const logger = createLogger('media', 'silent');
  const delivering = () =>
    new Set(sources.filter((each) => !each.closed && playing.has(each)).map(({ plan }) => plan?.id ?? ''));
  const playing = new Set<FakeSource>();
  const bus = new MediaBus({ socketPath: '/nowhere/media.sock', onKeyFrameWanted: () => {}, logger });
  const supervisor = new Supervisor({
    encoders: {
      take() {
        const script = scripts[Math.min(encoders.length, scripts.length - 1)] ?? well;
        const child = new FakeEncoder(script, delivering);
        encoders.push(child);
        return child;
      },
    },
    newPreview: () => {
      throw new Error('nobody looks at a source here');
    },
    sources: {
      take() {
        const child = new FakeSource(start);
        child.events.on('message', (message) => {
          if (message.type === 'state' && message.state === 'playing') playing.add(child);
        });
        sources.push(child);
        return child;
      },
    },
    machine: new Machine({ root }),
    output: { bus, timeline: new BusTimeline() },
    logger,
  });
  supervisor.events.on('state', (state) => states.push(state));
  t.teardown(() => supervisor.close());
  const reached = (fits: (state: MediaState) => boolean, from = 0) =>
    new Promise<MediaState>((resolve) => {
      const old = states.slice(from).find(fits);
      if (old) return resolve(old);
      const listener = (state: MediaState) => {
        if (!fits(state)) return;
        stopListening();
        resolve(state);
      };
      const stopListening = supervisor.events.on('state', listener);
    });
  /** The source of this id that runs now. */
  const source = (id: string) => sources.findLast(({ plan, closed }) => plan?.id === id && !closed);
  /** It hangs: the encoder sees no pictures of it. */
  const hang = (id: string) => {
    const child = source(id);
    if (child) playing.delete(child);
    const encoder = encoders.at(-1);
    encoder?.look();
    encoder?.events.emit('message', { type: 'fresh', id, fresh: false });
  };
  return { supervisor, encoders, sources, states, reached, source, hang };
}

const request = (video: Partial<MediaRequest['video']> = {}) =>
  mediaRequest({ video, audio: { source: 'none' } });
const isRunning = ({ state }: MediaState) => state === 'running';

const isSlate = ({ state, slate }: MediaState) => state === 'retrying' && slate === true;

t.test('start, running, stop', async (t) => {
  const { supervisor, encoders, sources, states, reached } = await supervise(t);
  await supervisor.start(request());
  const running = await reached(isRunning);
  t.match(running, {
    reason: null,
    format: { encoder: 'x264enc', audio: false, source: 'test' },
    slate: false,
  });
  t.same([...new Set(states.map(({ state }) => state))], ['starting', 'running']);
  supervisor.stop();
  t.match(supervisor.state, { state: 'idle', pipelineId: null, format: null });
  t.ok(encoders[0]?.closed && sources.every(({ closed }) => closed));
});

t.test('a source that dies is started again; the encoder never is', async (t) => {
  const { supervisor, encoders, sources, states, reached, source } = await supervise(t);
  await supervisor.start(request());
  await reached(isRunning);
  const from = states.length;
  source('test')?.events.emit('died', 'SIGKILL');
  encoders[0]?.look();
  t.match(await reached(isSlate, from), {
    reason: { code: 'source-died', message: /SIGKILL/ },
    format: { width: 640 },
  });
  t.match(await reached(isRunning, from), { reason: null });
  t.equal(sources.length, 2);
  t.equal(encoders.length, 1);
  t.notOk(encoders[0]?.closed);
});

t.test('a source that hangs is ended and started again', async (t) => {
  const { supervisor, encoders, sources, states, reached, hang } = await supervise(t);
  await supervisor.start(request());
  await reached(isRunning);
  const from = states.length;
  hang('test');
  t.match(await reached(isSlate, from), { reason: { code: 'source-silent' } });
  t.ok(sources[0]?.closed);
  await reached(isRunning, from);
  t.equal(encoders.length, 1);
});

t.test('nobody publishes yet: the slate, for as long as it takes', async (t) => {
  const { supervisor, reached, source, encoders, states } = await supervise(t, {
    source: (each) => each.wait(),
  });
  await supervisor.start(request({ source: 'rtmp' }));
  t.match(await reached(isSlate), { format: { width: 640 }, reason: { message: /./ } });
  t.notOk(states.some(({ state }) => state === 'refused'));
  source('rtmp')?.play();
  encoders[0]?.look();
  t.match(await reached(isRunning), { format: { source: 'rtmp' } });
  t.match(supervisor.sources, { onAir: 'rtmp', slate: false });
});

t.test('another source is taken: what was on the air stays until it delivers', async (t) => {
  const { supervisor, encoders, reached, source, states } = await supervise(t, {
    source: (each) => (each.plan?.id === 'rtmp' ? each.wait() : each.play()),
  });
  await supervisor.start(request());
  await reached(isRunning);
  await supervisor.start({ ...request(), take: 'rtmp' });
  t.equal(encoders[0]?.showing, 'test');
  t.same(
    encoders[0]?.air?.order.map(({ id }) => id),
    ['rtmp', 'test'],
  );
  const from = states.length;
  source('rtmp')?.play();
  encoders[0]?.look();
  await reached(({ format }) => format?.source === 'rtmp', from);
  t.match(supervisor.sources, { onAir: 'rtmp' });
  t.ok(source('test'), 'the former one is kept warm');
  await supervisor.start(request());
  encoders[0]?.look();
  await reached(({ format }) => format?.source === 'test', from);
  t.equal(encoders.length, 1, 'one encoder throughout');
});

t.test('what is unknown cannot be taken: what is on the air stays', async (t) => {
  const { supervisor, encoders, states, reached } = await supervise(t);
  await supervisor.start(request());
  await reached(isRunning);
  const from = states.length;
  await supervisor.start({ ...request(), take: 'no-such' });
  t.match(await reached(({ refusal }) => refusal === true, from), {
    state: 'running',
    reason: { code: 'source-unknown', message: /no-such/ },
    format: { source: 'test' },
  });
  await supervisor.start(request({ source: 'file:/nowhere/clip.mp4' }));
  t.match(supervisor.state, { state: 'running', reason: { code: 'clip-missing' } });
  t.equal(encoders.length, 1);
});

t.test('each request that changes nothing is answered once', async (t) => {
  const { supervisor, states, reached } = await supervise(t);
  await supervisor.start(request());
  await reached(isRunning);
  for (const asked of [
    request({ source: 'file:/nowhere/clip.mp4' }),
    request({ source: 'file:/nowhere/other.mp4' }),
    request({ source: 'file:/nowhere/other.mp4' }),
    request(),
    request(),
  ]) {
    const before = states.length;
    await supervisor.start(asked);
    t.equal(states.length - before, 1);
  }
});

t.test('a fallback is shown before the slate', async (t) => {
  const { supervisor, encoders, states, reached, source } = await supervise(t, {
    source: (each) => (each.plan?.id === 'rtmp' ? each.wait() : each.play()),
  });
  await supervisor.start(request({ source: 'rtmp', fallback: ['test'] }));
  encoders[0]?.look();
  t.match(await reached(({ format }) => format?.source === 'test'), {
    state: 'running',
    reason: { message: /test/ },
  });
  const from = states.length;
  source('rtmp')?.play();
  encoders[0]?.look();
  t.match(await reached(({ format }) => format?.source === 'rtmp', from), { reason: null });
});

t.test('each failure of the encoder waits twice as long', async (t) => {
  const { supervisor, states, reached } = await supervise(t, {
    encoders: [failing('queue0', 'boom'), failing('queue0', 'boom'), well],
  });
  await supervisor.start(request());
  await reached(isRunning);
  const retrying = states.filter(({ state, format }) => state === 'retrying' && format === null);
  t.same([...new Set(retrying.map(({ attempt }) => attempt))], [1, 2]);
  t.match(retrying[0], { reason: { code: 'pipeline-failed', message: /queue0: boom/ } });
  t.match(states.at(-1), { state: 'running', reason: null });
});

t.test('another encoder goes on in the time of the one before', async (t) => {
  const { supervisor, encoders, reached, states } = await supervise(t);
  await supervisor.start(request());
  await reached(isRunning);
  const from = states.length;
  encoders[0]?.events.emit('died', 'SIGKILL');
  t.match(await reached(({ state }) => state === 'retrying', from), { reason: { code: 'pipeline-died' } });
  await reached(isRunning, from);
  t.equal(encoders[1]?.plan?.baseMonotonicMs, encoders[0]?.plan?.baseMonotonicMs);
});

t.test('what can never work is refused at once, and a second request may work', async (t) => {
  const { supervisor, reached, states } = await supervise(t, {
    encoders: [
      (child, { type }) => {
        if (type === 'prepare')
          child.events.emit('message', { type: 'failed', text: 'no element "x264enc"' });
      },
      well,
    ],
  });
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

t.test('a change that fails before its first frame goes back to what ran', async (t) => {
  const { supervisor, encoders, states, reached } = await supervise(t, {
    encoders: [well, failing('encoder', 'no such size'), well],
  });
  await supervisor.start(request());
  await reached(isRunning);
  const from = states.length;
  await supervisor.start(request({ bitrateKbps: 900, encoder: 'x264enc' }));
  const back = await reached(isRunning, from);
  t.match(back, { reason: { code: 'encoder-failed' }, format: { width: 640, bitrateKbps: 1_000 } });
  t.equal(encoders.length, 3);
});

t.test('live changes reach the encoder that runs; no other is started', async (t) => {
  const { supervisor, encoders, states, reached } = await supervise(t);
  await supervisor.start(request());
  await reached(isRunning);
  const rtp = { videoPort: 5004, audioPort: 5006 };
  const before = states.length;
  const controls = { source: 'none', bitrateKbps: 96, muted: true, gainDb: -6, delayMs: 40 };
  await supervisor.start({ ...request({ bitrateKbps: 2_000 }), audio: controls, rtp });
  const heard = encoders[0]?.heard ?? [];
  t.ok(heard.some((message) => message.type === 'rtp' && message.rtp?.videoPort === 5004));
  t.match(
    heard.findLast(({ type }) => type === 'bitrate'),
    { bitrateKbps: 2_000 },
  );
  t.match(
    heard.findLast(({ type }) => type === 'sound'),
    { controls: { muted: true, gainDb: -6, delayMs: 40 } },
  );
  t.match(states.at(-1), { state: 'running', format: { bitrateKbps: 2_000 } });
  t.ok(states.length > before, 'the request is answered');
  t.equal(encoders.length, 1);
});

t.test('stop while it starts', async (t) => {
  const { supervisor, encoders, states } = await supervise(t, { encoders: [() => {}] });
  const starting = supervisor.start(request());
  await new Promise((resolve) => setImmediate(resolve));
  supervisor.stop();
  await starting;
  t.equal(states.at(-1)?.state, 'idle');
  t.ok(encoders.every(({ closed }) => closed));
});

t.test('requests that overtake one another: the last one counts', async (t) => {
  const { supervisor, encoders, reached } = await supervise(t);
  void supervisor.start(request({ width: 320, height: 240 }));
  void supervisor.start(request({ width: 480, height: 270 }));
  await supervisor.start(request({ width: 800, height: 450 }));
  await reached(isRunning);
  t.equal(encoders.at(-1)?.plan?.video.width, 800);
  t.equal(encoders.filter(({ closed }) => !closed).length, 1);
});

t.test('key frames: one at once, one more after 250 ms for all that came meanwhile', async (t) => {
  const { supervisor, encoders, reached } = await supervise(t);
  await supervisor.start(request());
  await reached(isRunning);
  const keys = () => encoders[0]?.heard.filter(({ type }) => type === 'key_frame').length;
  for (let times = 0; times < 10; times += 1) supervisor.forceKeyFrame();
  t.equal(keys(), 1);
  await new Promise((resolve) => setTimeout(resolve, 350));
  t.equal(keys(), 2);
});

/** A board with the Raspberry Pi's encoder, or whatever `node` leads to. */
function boardWithEncoder(t: Test, node = '/dev/null'): string {
  const root = t.testdir();
  mkdirSync(join(root, 'dev'));
  symlinkSync(node, join(root, 'dev/video11')); // any character device that opens
  mkdirSync(join(root, 'sys/class/video4linux/video11'), { recursive: true });
  writeFileSync(join(root, 'sys/class/video4linux/video11/name'), 'bcm2835-codec-encode\n');
  writeFileSync(join(root, 'sys/class/video4linux/video11/dev'), '1:3\n');
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

t.test('a microphone that fails costs the sound, not the picture', async (t) => {
  const { supervisor, states, encoders, sources, reached } = await supervise(t);
  const audio = { ...request().audio, source: 'alsa:hw:1' };
  await supervisor.start({ ...request(), audio });
  await reached(isRunning);
  const microphone = sources.find(({ plan }) => plan?.address.kind === 'microphone');
  const from = states.length;
  microphone?.events.emit('gstreamerError', { element: 'microphone', message: 'Device busy' });
  t.ok(microphone?.closed);
  t.notOk(states.slice(from).some(({ state }) => state !== 'running'));
  t.equal(encoders.length, 1);
});
