import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
import type { Page } from 'playwright-core';
import t, { type Test } from 'tap';
import type { FromEgress } from '#core/protocol/link/egress.ts';
import type { EngineName } from '#egress/load-engine.ts';
import { launchBrowser } from '../support/browser.ts';
import { EgressDaemon } from '../support/egress-daemon.ts';
import { canEncode, RtpEncode } from '../support/rtp-encode.ts';
import type { Playing, Watcher } from '../support/watcher.ts';
import { watcherScript } from '../support/watcher-page.ts';

/** Egress and a real encoder against a real browser: pictures are decoded, sound is played, and both survive. */

const missing = !existsSync('/usr/bin/chromium')
  ? 'needs /usr/bin/chromium'
  : !canEncode
    ? "needs GStreamer's x264enc and opusenc"
    : false;

/** Calls the page's half of this test, `test/support/page/watcher.ts`. */
const call = <Result>(page: Page, method: keyof Watcher, ...values: unknown[]): Promise<Result> =>
  page.evaluate(`watcher.${method}(...${JSON.stringify(values)})`);

/** Reads until it fits. */
async function until(page: Page, at: number, fits: (playing: Playing) => boolean): Promise<Playing> {
  const deadline = performance.now() + 20_000;
  for (;;) {
    const playing = await call<Playing>(page, 'report', at);
    if (fits(playing)) return playing;
    if (performance.now() > deadline) throw new Error(`not within 20 s: ${JSON.stringify(playing)}`);
    await page.evaluate('new Promise(requestAnimationFrame)');
  }
}

async function open(t: Test, engine: EngineName) {
  const daemon = await EgressDaemon.start();
  t.teardown(() => daemon.stop());
  const ready = await daemon.configured({ engine, bindAddress: null });
  let encode = new RtpEncode(ready);
  t.teardown(() => encode.die());
  await daemon.control.next('egress_flow', ({ flowing }) => flowing, 15_000);
  const server = createServer((_, response) => response.setHeader('content-type', 'text/html').end('<body>'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.teardown(() => server.close());
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  const page = await browser.newPage();
  const address = server.address();
  await page.addInitScript({ content: await watcherScript() });
  await page.goto(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/`);

  return {
    daemon,
    page,
    /** All its processes, as by kill -9. */
    async killBrowser(): Promise<void> {
      const session = await browser.newBrowserCDPSession();
      const { processInfo } = await session.send('SystemInfo.getProcessInfo');
      for (const { id } of processInfo) process.kill(id, 'SIGKILL');
    },
    async join(at: number): Promise<string> {
      const id = `viewer-${at}`;
      daemon.ask(id, await call<string>(page, 'offer'));
      const { sdp } = await daemon.control.next('signal_answer', ({ session_id }) => session_id === id);
      await call(page, 'accept', at, sdp.sdp);
      return sdp.sdp;
    },
    async restartEncoder(): Promise<void> {
      await encode.die();
      encode = new RtpEncode(ready);
    },
  };
}

for (const engine of ['native', 'node-datachannel', 'werift'] as const) {
  t.test(
    `${engine}: two viewers in Chromium, a pipeline that dies, then the browser`,
    { skip: missing },
    async (t) => {
      const { page, daemon, join, restartEncoder, killBrowser } = await open(t, engine);
      for (const at of [0, 1]) t.match(await join(at), /m=application 0 /, 'a data channel is declined');
      for (const at of [0, 1]) {
        const playing = await until(page, at, ({ frames, soundSeconds }) => frames > 30 && soundSeconds > 1);
        t.equal(playing.state, 'connected');
        t.ok(playing.dropped < 15, `${playing.dropped} dropped`);
        t.ok(playing.pictureLosses <= 2, `${playing.pictureLosses} pictures lost`);
      }
      const inStep = await until(page, 0, ({ apartMs }) => apartMs !== null && Math.abs(apartMs) < 150);
      t.ok(inStep, `sound and picture ${inStep.apartMs?.toFixed()} ms apart`);

      if (engine === 'native') {
        const isKnown = ({ viewers }: { viewers: { estimateKbps: number | null }[] }): boolean =>
          viewers.length === 2 && viewers.every(({ estimateKbps }) => estimateKbps !== null);
        const { viewers, full } = await daemon.control.next('egress_load', isKnown, 15_000);
        for (const { estimateKbps } of viewers)
          t.ok((estimateKbps ?? 0) > 300, `a link of ${estimateKbps} kbit/s`);
        t.equal(full, false);
      }
      const before = await call<Playing>(page, 'report', 1);
      await restartEncoder();
      const after = await until(page, 1, ({ frames }) => frames > before.frames + 45);
      t.equal(after.state, 'connected', 'the same connection');
      t.ok(after.soundSeconds > before.soundSeconds);
      const isEnd = (message: FromEgress): boolean =>
        message.type === 'egress_watch' && message.payload.state === 'ended';
      t.notOk(daemon.control.received.some(isEnd), 'nobody was ended');

      if (engine === 'werift') return;
      const killedAtMs = performance.now();
      await killBrowser();
      for (const at of [0, 1]) {
        const id = `viewer-${at}`;
        const isIt = (watch: { session_id: string; state: string }): boolean =>
          watch.session_id === id && watch.state === 'ended';
        const { reason } = await daemon.control.next('egress_watch', isIt, 20_000);
        const tookMs = performance.now() - killedAtMs;
        t.ok(tookMs < 15_000, `${reason} ${tookMs.toFixed()} ms after the browser was killed`);
      }
    },
  );
}
