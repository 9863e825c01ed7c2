import { readFile } from 'node:fs/promises';
import t from 'tap';
import { childrenOf, MediaDaemon, mediaRequest } from '../support/media-daemon.ts';
import { untilEnded } from '../support/processes.ts';

const daemon = await MediaDaemon.start();
t.teardown(() => daemon.stop());
const { control } = daemon;
const request = mediaRequest();
control.send({ type: 'media_settings', payload: request });

function look(source: string, width: number | null) {
  const from = control.messages.length;
  control.send({ type: 'media_preview_request', payload: { source, width } });
  return control.message('media_preview', (payload) => payload.source === source && payload.width === width, {
    from,
    withinMs: 20_000,
  });
}

/** The processes that media runs for this. */
async function running(title: string): Promise<number[]> {
  const children = await childrenOf(daemon.pid);
  const titles = await Promise.all(
    children.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')),
  );
  return children.filter((_, at) => titles[at]?.startsWith(title));
}

/** Width and height in a JPEG's frame header (SOF0). */
function jpegSize(jpeg: Buffer): { width: number; height: number } {
  const at = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  return { height: jpeg.readUInt16BE(at + 5), width: jpeg.readUInt16BE(at + 7) };
}

t.test('before air a source shows its picture and how loud it is', async (t) => {
  const { jpeg, reason } = await look('test', 320);
  t.equal(reason, null);
  t.same(jpegSize(Buffer.from(jpeg ?? '', 'base64')), { width: 320, height: 180 });
  // It beeps at each full second.
  let level = await look('test', null);
  const untilMs = performance.now() + 20_000;
  while (performance.now() < untilMs && !level.peaks.some((peak) => peak > 0.05))
    level = await look('test', null);
  t.equal(level.sound, true);
  t.equal(level.peaks.length, 10, 'tenths of a second');
  t.ok(Math.max(...level.peaks) > 0.05 && Math.max(...level.peaks) <= 1, 'the beep is measured');
  t.equal((await control.state('idle', { from: 0 })).pipelineId, null);
  t.notOk(
    control.messages.some(({ type }) => type === 'media_progress'),
    'nothing is encoded',
  );
});

t.test('what is looked at goes on the air as it runs', async (t) => {
  const [before] = await running('onair-media-source test');
  control.send({ type: 'media_start', payload: request });
  await control.state('running');
  t.same(await running('onair-media-source test'), [before]);
});

t.test('on the air it can be looked at, too', async (t) => {
  const { jpeg } = await look('test', 160);
  t.same(jpegSize(Buffer.from(jpeg ?? '', 'base64')), { width: 160, height: 90 });
});

t.test('the slate is shown at once where the operator wants it, in the same stream', async (t) => {
  const { pipelineId } = await control.state('running', { from: 0 });
  const from = control.messages.length;
  control.send({ type: 'media_start', payload: { ...request, holdSlate: true } });
  const held = await control.message('media_state', ({ slate }) => slate === true, { from });
  t.match(held, { state: 'retrying', pipelineId, reason: { code: 'slate-held' } });
  const then = control.messages.length;
  control.send({ type: 'media_start', payload: request });
  t.match(await control.state('running', { from: then }), { pipelineId, reason: null });
});

t.test('what does not exist cannot be looked at; who publishes nothing says so', async (t) => {
  t.match(await look('nothing', 320), { jpeg: null, reason: { code: 'source-unknown' } });
  t.match(await look('rtmp', 320), { jpeg: null, reason: { code: /./ } });
});

t.test('nobody looks, nothing is on the air: nothing runs', async (t) => {
  await look('test', 160);
  control.send({ type: 'media_stop', payload: {} });
  const pids = [...(await running('onair-media-preview')), ...(await running('onair-media-source test'))];
  t.equal(pids.length, 2);
  t.same(await untilEnded(pids, 30_000), []);
});
