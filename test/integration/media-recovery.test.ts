import t from 'tap';
import { childrenOf, isAlive, MediaDaemon, mediaRequest } from '../support/media-daemon.ts';
import { run } from '../support/media-decode.ts';

const isPart = (pipelineId: string | null) => (fragment: { header: { kind: string; pipelineId: string } }) =>
  fragment.header.kind === 'part' && fragment.header.pipelineId === pipelineId;

/** The child with the pipeline in it: the daemon says its pid in the log when pictures flow. */
function pipelinePid(daemon: MediaDaemon, pipelineId: string | null): number {
  const line = daemon.log
    .split('\n')
    .find((each) => each.includes(`"pipelineId":"${pipelineId}"`) && each.includes('"child"'));
  return Number(/"child":(\d+)/.exec(line ?? '')?.[1]);
}

async function startRunning(daemon: MediaDaemon) {
  const { control } = daemon;
  control.send({ type: 'media_start', payload: mediaRequest() });
  const { pipelineId } = await control.state('running', { from: 0 });
  await control.fragment(isPart(pipelineId), { from: 0 });
  return pipelineId;
}

/** Ends once none of these processes is alive. */
async function gone(pids: number[], withinMs: number): Promise<void> {
  const began = performance.now();
  for (const pid of pids) {
    while (await isAlive(pid)) {
      if (performance.now() - began > withinMs) throw new Error(`process ${pid} is still there`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

t.test('the encoder is killed', async (t) => {
  const daemon = await MediaDaemon.start();
  t.teardown(() => daemon.stop());
  const { control } = daemon;
  const first = await startRunning(daemon);
  const from = control.messages.length;
  const killedAt = performance.now();
  process.kill(pipelinePid(daemon, first), 'SIGKILL');
  t.match(await control.state('retrying', { from, withinMs: 500 }), {
    pipelineId: first,
    reason: { code: 'pipeline-died', message: /SIGKILL/ },
    attempt: 1,
    format: null,
  });
  const { pipelineId } = await control.state('running', { from });
  await control.fragment(isPart(pipelineId), { from: 0 });
  const tookMs = performance.now() - killedAt;
  t.not(pipelineId, first, 'a new pipeline');
  t.ok(tookMs < 2_000, `the picture was back after ${Math.round(tookMs)} ms`);

  t.test('and again at once: the next try waits longer', async (t) => {
    const from = control.messages.length;
    process.kill(pipelinePid(daemon, pipelineId), 'SIGKILL');
    t.match(await control.state('retrying', { from }), { attempt: 2 });
    t.match(await control.state('running', { from }), { reason: null });
  });
});

t.test('the encoder hangs', async (t) => {
  const daemon = await MediaDaemon.start();
  t.teardown(() => daemon.stop());
  const { control } = daemon;
  const first = await startRunning(daemon);
  const from = control.messages.length;
  const pid = pipelinePid(daemon, first);
  const stoppedAt = performance.now();
  process.kill(pid, 'SIGSTOP');
  t.match(await control.state('retrying', { from }), {
    reason: { code: 'encoder-silent', message: /1\.\d s/ },
  });
  const noticedMs = performance.now() - stoppedAt;
  t.ok(noticedMs > 900 && noticedMs < 1_600, `noticed after ${Math.round(noticedMs)} ms`);
  const { pipelineId } = await control.state('running', { from });
  t.not(pipelineId, first);
  await gone([pid], 500);
  t.pass('and the hung one is gone');
});

t.test('control is killed and comes back', async (t) => {
  const daemon = await MediaDaemon.start();
  t.teardown(() => daemon.stop());
  const { control } = daemon;
  const pipelineId = await startRunning(daemon);
  await control.die();
  const messages = control.messages.length;
  const fragments = control.fragments.length;
  const lastPart = control.movie(pipelineId ?? '').parts.at(-1)?.header;
  await control.listen();
  await control.message('daemon_hello', () => true, { from: messages });
  t.match(await control.message('media_state', () => true, { from: messages }), {
    state: 'running',
    pipelineId,
  });
  const init = await control.fragment(() => true, { from: fragments });
  t.match(init.header, { kind: 'init', pipelineId }, 'the initialisation segment again');
  const part = await control.fragment(isPart(pipelineId), { from: fragments });
  t.ok(part.header.kind === 'part' && lastPart?.kind === 'part' && part.header.sequence > lastPart.sequence);
  control.send({ type: 'media_start', payload: mediaRequest() });
  t.match(
    await control.state('running', { from: messages + 2 }),
    { pipelineId },
    'told again: nothing changes',
  );
  const key = await control.fragment(({ header }) => header.kind === 'part' && header.independent, {
    from: fragments,
  });
  const since = control.movie(pipelineId ?? '').parts;
  const playable = Buffer.concat([init.bytes, ...since.slice(since.indexOf(key)).map(({ bytes }) => bytes)]);
  const { complaints } = await run('ffmpeg', ['-v', 'warning', '-i', 'pipe:0', '-f', 'null', '-'], playable);
  t.equal(complaints, '', 'a player may start there');
});

t.test('SIGTERM, while live and while idle', async (t) => {
  for (const live of [true, false]) {
    const daemon = await MediaDaemon.start();
    t.teardown(() => daemon.stop());
    if (live) await startRunning(daemon);
    const family = [daemon.pid, ...(await childrenOf(daemon.pid))];
    t.ok(family.length >= 2, `${family.length} processes`);
    const began = performance.now();
    daemon.signal('SIGTERM');
    t.equal(await daemon.exited(), 0);
    await gone(family, 2_000);
    t.ok(performance.now() - began < 2_000, `gone after ${Math.round(performance.now() - began)} ms`);
  }
});

t.test('kill -9 of the daemon: its children end with it', async (t) => {
  const daemon = await MediaDaemon.start();
  t.teardown(() => daemon.stop());
  const pipelineId = await startRunning(daemon);
  const pid = pipelinePid(daemon, pipelineId);
  const children = await childrenOf(daemon.pid);
  t.ok(children.includes(pid));
  daemon.signal('SIGKILL');
  await gone(children, 1_000);
  t.notOk(await isAlive(pid));
});
