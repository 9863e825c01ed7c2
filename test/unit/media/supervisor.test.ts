import t from 'tap';
import { failing, isRunning, isSlate, request, supervise, well } from '#test/support/supervised-media.ts';

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
