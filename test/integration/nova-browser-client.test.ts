import { existsSync } from 'node:fs';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { launchBrowser, watchPage } from '../support/browser.ts';
import { printedNovaClient } from '../support/printed-client.ts';

// The client that nova.md prints, unchanged but for the address, in a page of Chromium against the whole appliance.

const skip = existsSync('/usr/bin/chromium') ? false : 'no Chromium here';

t.test('the printed NovaStreamViewer works in Chromium against a demo', { skip }, async (t) => {
  const appliance = await Appliance.start();
  t.teardown(() => appliance.close());
  const origin = await appliance.origin();
  const { stream } = await appliance.status();
  const answer = await fetch(`${origin}/api/v1/streams/${stream.id}/tokens`, { method: 'POST' });
  t.equal(answer.status, 201);
  const { token, viewerId } = (await answer.json()) as { token: string; viewerId: string };

  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  const page = await browser.newPage();
  const { problems } = watchPage(page, origin, [/favicon\.ico/]);
  const said = (start: string) =>
    page.waitForEvent('console', {
      predicate: (message) => message.text().startsWith(start),
      timeout: 10_000,
    });
  // A page of the box's own origin, as its WebSocket asks, that has no script of its own.
  await page.goto(`${origin}/api/v1/health`);
  const connected = said('Connected as viewer:');
  const counted = said('Viewers:');
  await page.addScriptTag({
    content: `const streamId = ${JSON.stringify(stream.id)};
      const token = ${JSON.stringify(token)};
      ${printedNovaClient(origin.replace('http', 'ws'))}`,
  });
  t.equal((await connected).text(), `Connected as viewer: ${viewerId}`);
  t.equal((await counted).text(), 'Viewers: 1');
  t.equal((await appliance.status()).audience.viewers, 1);

  const started = page.evaluate(`new Promise((resolve) => viewer.on('stream_started', resolve))`) as Promise<
    Record<string, unknown>
  >;
  await appliance.press();
  t.match(await started, { stream_id: stream.id, quality: '720p', fps: 30, timestamp: /Z$/ });
  const update = (await page.evaluate(
    `new Promise((resolve) => viewer.on('bitrate_update', resolve))`,
  )) as Record<string, unknown>;
  t.match(update, { stream_id: stream.id, current_bitrate_kbps: Number, quality: '720p', health: String });

  const changed = page.evaluate(`new Promise((resolve) => viewer.on('quality_changed', resolve))`) as Promise<
    Record<string, unknown>
  >;
  await appliance.call('PATCH', '/api/v1/settings', { video: { bitrateKbps: 1_500 } });
  t.match(await changed, {
    previous_bitrate_kbps: 3_000,
    new_bitrate_kbps: 1_500,
    previous_quality: '720p',
    new_quality: '720p',
    reason: 'broadcaster_changed',
  });

  await page.evaluate(
    `viewer.send({ event: 'report_issue', data: { issue_type: 'lag', severity: 'low', description: 'late',
      client_info: { player: 'p', browser: 'b', os: 'o', network: 'n', bandwidth_estimate_kbps: 1 } } })`,
  );
  await appliance.until(({ issueReports }) => issueReports === 1, 5_000);
  t.match(await appliance.call('GET', '/api/v1/reports'), {
    received: 1,
    reports: [{ viewerId, issueType: 'lag', description: 'late' }],
  });
  t.equal((await fetch(`${origin}/api/v1/reports`)).status, 401, 'for the operator only');

  const ended = said('Stream ended after');
  await appliance.press();
  t.match((await ended).text(), /^Stream ended after \d+ seconds$/);
  t.same(problems, []);
  t.notMatch(await appliance.logs(), token, 'the token is in no log');
});
