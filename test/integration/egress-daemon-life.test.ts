import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import t from 'tap';
import { EgressDaemon } from '../support/egress-daemon.ts';
import { inTime } from '../support/in-time.ts';
import { WebRtcViewer } from '../support/webrtc-viewer.ts';

/** The daemon's beginnings and ends. */

const local = { bindAddress: '127.0.0.1' };

t.test('a port in use: said in words, not ready, and tried again until it is free', async (t) => {
  const daemon = await EgressDaemon.start();
  t.teardown(() => daemon.stop());
  const other = createSocket('udp4');
  other.bind(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address();
  const told = once(daemon.process, 'message');
  daemon.configure({ port });
  const [message] = await told;
  t.match(message, { failed: new RegExp(`UDP port ${port} for WebRTC is in use`) });
  t.notOk(daemon.control.received.some(({ type }) => type === 'egress_ready'));
  other.close();
  const ready = await daemon.control.next('egress_ready', () => true, 15_000);
  t.equal(ready.webrtcPort, port);
});

t.test(
  'other settings: sessions are ended in words, and the process makes room for a fresh one',
  async (t) => {
    const daemon = await EgressDaemon.start();
    t.teardown(() => daemon.stop());
    await daemon.configured();
    await daemon.configured();
    t.equal(daemon.process.exitCode, null, 'the same settings change nothing');
    const viewer = new WebRtcViewer(local);
    t.teardown(() => viewer.close());
    await daemon.join('one', viewer);
    daemon.configure({ engine: 'werift' });
    t.match(await daemon.control.next('egress_watch'), {
      session_id: 'one',
      state: 'ended',
      message: /settings of this box have changed/,
    });
    t.equal(await daemon.exited, 0);
    viewer.close();
  },
);

for (const engine of ['native', 'node-datachannel', 'werift'] as const) {
  t.test(`SIGTERM with viewers ends ${engine} within 2 s`, async (t) => {
    const daemon = await EgressDaemon.start();
    t.teardown(() => daemon.stop());
    await daemon.configured({ engine });
    const viewers = [new WebRtcViewer(local), new WebRtcViewer(local)];
    for (const [at, viewer] of viewers.entries()) await daemon.join(`v${at}`, viewer);
    const sinceMs = performance.now();
    daemon.process.kill('SIGTERM');
    t.equal(await daemon.exited, 0);
    const tookMs = performance.now() - sinceMs;
    t.ok(inTime(tookMs, 2_000), `${tookMs.toFixed()} ms`);
    for (const viewer of viewers) viewer.close();
  });
}
