import t from 'tap';
import type { z } from 'zod';
import type { IssueReport } from '#core/domain/issue-reports.ts';
import type { roomList } from '#core/protocol/endpoints/rooms.ts';
import { Appliance } from '../support/appliance.ts';
import { violationsOf } from '../support/axe.ts';
import { launchBrowser } from '../support/browser.ts';
import { inTime } from '../support/in-time.ts';
import { ViewerPage } from '../support/viewer-page.ts';

// Two viewers in one room: names, chat, going back together; and a report to whoever runs the box.

t.setTimeout(200_000);

const [appliance, browser] = await Promise.all([
  Appliance.start({
    settings: { video: { width: 320, height: 240, framesPerSecond: 15 }, hls: { windowSeconds: 30 } },
  }),
  launchBrowser({ hostResolverRules: 'MAP onair.local 127.0.0.1' }),
]);
t.teardown(async () => {
  await browser.close();
  await appliance.close();
});
const { port } = new URL(await appliance.origin());
const origin = `http://onair.local:${port}`;
await appliance.press();
const { broadcast } = await appliance.until(({ advancing }) => advancing, 15_000);
const onAirSinceMs = Date.parse(broadcast.startTime ?? '');

async function join(viewer: ViewerPage, name: string): Promise<void> {
  await viewer.page.click('#together');
  await viewer.page.fill('#room-name', name);
  await viewer.page.keyboard.press('Enter');
  await viewer.page.waitForSelector('#room-text:visible');
}

async function say(viewer: ViewerPage, text: string): Promise<void> {
  await viewer.page.fill('#room-text', text);
  await viewer.page.keyboard.press('Enter');
}

async function reads(viewer: ViewerPage, selector: string, text: string | RegExp): Promise<void> {
  await viewer.page.locator(selector, { hasText: text }).first().waitFor({ timeout: 20_000 });
}

/** How late the pictures are that are shown now, in the middle of them. */
async function behindMs(viewer: ViewerPage): Promise<number> {
  const delays = (await viewer.nextPictures(9)).map(({ atMs, clockMs }) => atMs - (clockMs ?? 0));
  return delays.sort((a, b) => a - b)[4] ?? Number.NaN;
}

const [ada, kim] = await Promise.all([ViewerPage.open(browser, origin), ViewerPage.open(browser, origin)]);
await Promise.all([ada.state('live', null, 40_000), kim.state('live', null, 40_000)]);

t.test('names, who is here, who leads', async (t) => {
  t.notOk(
    await ada.page.evaluate('performance.getEntriesByType("resource").some(({name}) => /room/.test(name))'),
  );
  await join(ada, 'Ada');
  await reads(ada, '#room .together', 'Nobody leads just now');
  await join(kim, 'Kim');
  await reads(ada, '#room .people', 'Kim');
  const { rooms } = (await appliance.call('GET', '/api/v1/rooms')) as z.infer<typeof roomList>;
  const first = rooms.flatMap(({ members }) => members).find(({ name }) => name === 'Ada');
  await appliance.call('POST', `/api/v1/rooms/main/members/${first?.id}/lead`);
  await reads(ada, '#room .together', 'You lead');
  await reads(kim, '#room .together', 'Ada leads');
  t.match(await kim.page.locator('#room .people').innerText(), /Kim \(you\)\n+A\n+Ada\n+leads/);
  t.match(await kim.text('room'), /Host: Onair/, 'the box is the host');
  t.equal(
    await kim.page.locator('#room .together button:visible').count(),
    0,
    'who follows has nothing to lead with',
  );
  t.equal(await kim.page.locator('#back:visible').count(), 0, 'nor on the picture');
});

t.test('chat: text is text, whatever it says', async (t) => {
  const hostile = '<img src=x onerror="document.title=1"><script>alert(1)</script> gnp.exe';
  await say(ada, hostile);
  await reads(kim, '#room .log', 'gnp.exe');
  t.equal(await kim.page.locator('#room .log .words').last().textContent(), hostile);
  t.equal(await kim.page.locator('#room .log img, #room .log script').count(), 0);
  await kim.page.click('#together');
  await say(ada, 'Are you there?');
  await reads(kim, '#unread', '1');
  t.match(await kim.page.locator('#together').getAttribute('aria-label'), /1 new message/, 'also read aloud');
  await kim.page.click('#together');
  await reads(kim, '#room .log', 'Are you there?');
  t.equal(await kim.page.locator('#unread:visible').count(), 0);
  await say(kim, 'مرحبا');
  await reads(ada, '#room .log', 'مرحبا');
  t.same(await violationsOf(kim.page), [], 'axe-core');
});

t.test('going back together, and to live again', async (t) => {
  const dueMs = onAirSinceMs + 17_000;
  await ada.page.waitForTimeout(Math.max(0, dueMs - Date.now()));
  await ada.page.getByRole('button', { name: 'Back 10 s for everybody' }).click();
  await Promise.all([ada.state('live', 'hls', 40_000), kim.state('live', 'hls', 40_000)]);
  for (const viewer of [ada, kim]) await reads(viewer, '#state-heading', '10 s behind live');
  // One clock for both ways: since capture, by the box.
  const measured = '#delay[title*="from the camera to this screen"]';
  await ada.page.waitForSelector(measured, { state: 'attached', timeout: 20_000 });
  const inStep = async (): Promise<number> => {
    const [one, other] = await Promise.all([behindMs(ada), behindMs(kim)]);
    t.comment(`behind: ${one} and ${other} ms`);
    return one > 8_500 && other > 8_500 ? Math.abs(one - other) : Number.POSITIVE_INFINITY;
  };
  let apartMs = Number.POSITIVE_INFINITY;
  const patientUntilMs = Date.now() + 40_000;
  while (apartMs > 400 && Date.now() < patientUntilMs) apartMs = await inStep();
  t.ok(apartMs <= 400, `both see the same moment, ${apartMs} ms apart`);

  await ada.page.getByRole('button', { name: 'Pause for everybody' }).click();
  for (const viewer of [ada, kim]) await viewer.page.waitForSelector('#stage[data-paused="true"]');
  t.equal(await kim.page.locator('#tap-to-play').innerText(), 'Paused for everybody');
  await ada.page.getByRole('button', { name: 'Go on for everybody' }).click();
  for (const viewer of [ada, kim]) await viewer.page.waitForSelector('#stage[data-paused="false"]');

  await ada.page.getByRole('button', { name: 'Live for everybody' }).click();
  await Promise.all([ada.state('live', null, 40_000), kim.state('live', null, 40_000)]);
  await Promise.all([reads(ada, '#state-heading', 'Live'), reads(kim, '#state-heading', 'Live')]);
  t.ok(inTime(await behindMs(kim), 3_000), 'and both are live again');
  await kim.page.waitForSelector(measured, { state: 'attached', timeout: 20_000 });
});

t.test('who led leaves: nobody does, since the operator named nobody else', async (t) => {
  await ada.page.getByRole('button', { name: 'Leave' }).click();
  await reads(kim, '#room .together', 'Nobody leads just now');
  await reads(kim, '#room .log', 'Ada has left');
  await ada.page.waitForSelector('#room-name:visible');
  t.equal(await ada.page.locator('#back:visible').count(), 1, 'alone one goes back for oneself');
  t.same([ada.problems, kim.problems], [[], []]);
});

t.test('it stutters: a report with what the player measured', async (t) => {
  await ada.nextPictures(40); // measured by then
  await ada.page.click('#help');
  await ada.page.selectOption('#issue-type', 'lag');
  await ada.page.fill('#issue-words', 'The sound comes first.');
  await ada.page.click('dialog button[type=submit]');
  await reads(ada, '.toasts', 'your report has arrived');
  const { reports } = (await appliance.call('GET', '/api/v1/reports')) as { reports: IssueReport[] };
  t.match(reports, [
    {
      issueType: 'lag',
      description: /^The sound comes first\. · way (webrtc|hls) \(auto\), 320x240, .*stalls.*frames dropped$/,
      clientInfo: { player: /^Onair page, (WebRTC|LL-HLS)$/, browser: /^Chrome \d+/, os: 'Linux' },
    },
  ]);
  t.ok((reports[0]?.clientInfo.bandwidthEstimateKbps ?? 0) > 10, 'what really came');
  t.equal((await appliance.status()).audience.viewers, 2, 'a report makes nobody a second viewer');
  t.same(ada.problems, []);
});
