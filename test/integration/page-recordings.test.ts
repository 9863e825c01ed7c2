import { existsSync } from 'node:fs';
import t from 'tap';
import type { RecordingBody } from '#core/protocol/endpoints/recordings.ts';
import { Appliance } from '../support/appliance.ts';
import { violationsOf } from '../support/axe.ts';
import { launchBrowser, untilTrue } from '../support/browser.ts';
import { ViewerPage } from '../support/viewer-page.ts';

// Viewers and what was recorded: nothing of it unless the operator lets them, else a list, a player, a download.

const skip = existsSync('/usr/bin/chromium') ? false : 'no Chromium here';
if (skip) t.plan(0, skip);
else {
  t.setTimeout(180_000);
  const appliance = await Appliance.start({
    settings: {
      video: { width: 320, height: 180, framesPerSecond: 15, bitrateKbps: 500 },
      recording: { mode: 'live' },
    },
  });
  t.teardown(() => appliance.close());
  const browser = await launchBrowser();
  t.teardown(() => browser.close());

  const recordings = async (): Promise<RecordingBody[]> =>
    ((await appliance.call('GET', '/api/v1/recordings')) as { recordings: RecordingBody[] }).recordings;
  const recordedUntil = async (fits: (one: RecordingBody | undefined) => boolean): Promise<void> => {
    const dueMs = Date.now() + 60_000;
    for (;;) {
      const [one] = await recordings();
      if (fits(one)) return;
      if (Date.now() > dueMs) throw new Error(`still ${JSON.stringify(one)}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  t.test('viewers find, play and download recordings where they may', async (t) => {
    await appliance.onair('live');
    await recordedUntil((one) => (one?.durationSeconds ?? 0) > 3);
    await appliance.onair('stop');
    await recordedUntil((one) => one?.state === 'complete');
    const viewer = await ViewerPage.open(browser, await appliance.origin(), { expected: [/WebSocket/] });
    const { page } = viewer;
    const button = page.getByRole('button', { name: 'Recordings', exact: true });
    t.notOk(await button.isVisible(), 'they may not');
    await appliance.call('PATCH', '/api/v1/settings', { viewing: { recordings: true } });
    await page.reload();
    await button.waitFor();
    await button.click();
    const dialog = page.getByRole('dialog');
    const play = dialog.getByRole('button', { name: /^Play / });
    await play.waitFor();
    t.equal(await play.count(), 1);
    t.match(await dialog.innerText(), /0:0[3-9]|0:[1-5]\d/, 'how long it is');
    await untilTrue(page, 'document.querySelector("dialog img").naturalWidth === 160');
    t.same(await violationsOf(page), []);
    t.match(
      await dialog.getByRole('link', { name: /^Download / }).getAttribute('href'),
      /^\/api\/v1\/recordings\/.*\.mp4$/,
    );
    await play.click();
    await untilTrue(page, 'document.querySelector("dialog video")?.currentTime > 0.5');
    t.same(await violationsOf(page), []);
    await dialog.getByRole('button', { name: 'All recordings' }).click();
    await play.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    t.same(viewer.problems, []);
  });
}
