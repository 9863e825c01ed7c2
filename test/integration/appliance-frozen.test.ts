import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { ask } from '../support/ask.ts';
import { offerText } from '../support/offer.ts';
import { WebRtcViewer } from '../support/webrtc-viewer.ts';

/** Egress hangs: its process is there, and viewers get nothing (judged where they are served). */

t.setTimeout(240_000);

const appliance = await Appliance.start({
  settings: { video: { width: 320, height: 240, framesPerSecond: 15 } },
});
t.teardown(() => appliance.close());
const origin = await appliance.origin();

async function watch(): Promise<WebRtcViewer> {
  const viewer = new WebRtcViewer();
  t.teardown(() => viewer.close());
  const body = await viewer.offer({ bare: true });
  const headers = { 'content-type': 'application/sdp' };
  const created = await ask('POST', `${origin}/whep`, { headers, body });
  t.equal(created.status, 201);
  viewer.accept(created.text);
  await viewer.until('video', () => viewer.video.length > 10);
  return viewer;
}

t.test('an egress that stands still is told of at once, and started again', async (t) => {
  t.equal((await appliance.onair('live')).exitCode, 0);
  const first = await watch();
  const before = await appliance.until(({ advancing, audience }) => advancing && audience.viewers === 1);
  const pid = before.daemons.egress?.pid ?? 0;
  const printedBefore = appliance.output.length;

  process.kill(pid, 'SIGSTOP');
  const told = await appliance.until(({ advancing, problems }) => !advancing && problems.length > 0);
  t.match(told.problems, [{ code: 'webrtc-stalled', message: /stands still/, action: /restarts it/ }]);
  t.equal(told.broadcast.state, 'live', 'LL-HLS goes on');
  t.equal(told.daemons.egress?.pid, pid, 'it is said before anybody has ended it');
  const headers = { 'content-type': 'application/sdp' };
  const refused = await ask('POST', `${origin}/whep`, { headers, body: offerText() });
  t.match(refused, { status: 503, headers: { 'retry-after': '1' }, json: { title: /offline/ } });

  const after = await appliance.until(
    ({ daemons, advancing, problems }) =>
      daemons.egress?.up === true && daemons.egress.pid !== pid && advancing && problems.length === 0,
  );
  t.equal(after.broadcast.startTime, before.broadcast.startTime, 'it is the same broadcast');
  t.match(
    appliance.output.slice(printedBefore),
    /lights +red (off|flashes)/,
    'the light did not go on saying that all is well',
  );
  const log = await readFile(join(appliance.stateDirectory, 'logs', 'control.log'), 'utf8');
  t.match(log, /egress says nothing: WebRTC stands still/);
  first.close();
  (await watch()).close();
});
