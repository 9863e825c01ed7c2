import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import { certificateBody } from '#core/protocol/endpoints/certificate.ts';
import { Appliance } from '../support/appliance.ts';
import { violationsOf } from '../support/axe.ts';
import { launchBrowser } from '../support/browser.ts';

const run = promisify(execFile);

t.setTimeout(240_000);

const appliance = await Appliance.start();
t.teardown(() => appliance.close());
const origin = await appliance.origin();

t.test('a device without the authority is told what to do, in its language', async (t) => {
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  const page = await browser.newPage({ locale: 'de-DE', viewport: { width: 390, height: 844 } });
  await page.goto(`${origin}/trust`);
  await page.waitForFunction(
    '/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/.test(document.getElementById("fingerprint").textContent)',
  );
  const { stdout } = await appliance.onair('certificate');
  const fingerprint = await page.textContent('#fingerprint');
  t.ok(stdout.includes(fingerprint ?? '-'), 'the fingerprint that the box shows');
  t.equal(await page.textContent('#state'), 'Dieses Gerät vertraut der Box noch nicht.');
  t.strictSame(await violationsOf(page), []);
  t.equal(
    await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
    true,
    'nothing sticks out',
  );
});

t.test(
  'with the authority installed the page sees that it worked, and HTTPS opens without a warning',
  async (t) => {
    const home = await mkdtemp(join(tmpdir(), 'onair-home-'));
    t.teardown(() => rm(home, { recursive: true, force: true }));
    const store = join(home, '.pki', 'nssdb');
    await mkdir(store, { recursive: true });
    const authority = await (await fetch(`${origin}/trust/onair-ca.crt`)).text();
    await writeFile(join(home, 'ca.crt'), authority);
    await run('certutil', ['-d', `sql:${store}`, '-N', '--empty-password']);
    await run('certutil', [
      '-d',
      `sql:${store}`,
      '-A',
      '-t',
      'C,,',
      '-n',
      'Onair',
      '-i',
      join(home, 'ca.crt'),
    ]);

    const browser = await launchBrowser({
      env: { ...process.env, HOME: home },
      hostResolverRules: 'MAP onair.local 127.0.0.1',
    });
    t.teardown(() => browser.close());
    const page = await browser.newPage();
    await page.goto(`${origin}/trust`);
    await page.waitForSelector('#state[data-state=trusted]');
    const secure = (await page.getAttribute('#open-link', 'href')) ?? '';
    t.match(secure, /^https:\/\/127\.0\.0\.1:\d+\/$/);
    await page.goto(secure);
    t.equal(await page.evaluate('isSecureContext'), true);
    const ways = (await page.evaluate(
      'performance.getEntriesByType("navigation").map((entry) => entry.nextHopProtocol)',
    )) as string[];
    t.strictSame(ways, ['h2'], 'over HTTP/2');

    // Loopback is trusted as it is; another name in the network is not.
    const studio = `${origin.replace('127.0.0.1', 'onair.local')}/studio`;
    await page.goto(studio);
    await page.waitForURL(/^https:\/\/onair\.local:\d+\/studio/);
    await page.waitForSelector('#operator-name');
    t.equal(await page.getByText('plain HTTP').count(), 0);
  },
);

t.test('the lights prove the box once its button was held, and the page reads along', async (t) => {
  const browser = await launchBrowser();
  t.teardown(() => browser.close());
  const page = await browser.newPage({ locale: 'en-GB', viewport: { width: 390, height: 844 } });
  await page.goto(`${origin}/trust`);
  await page.waitForSelector('#fingerprint > span:nth-child(8)');
  const lightsSay = async (pattern: RegExp): Promise<string> => {
    const deadlineMs = performance.now() + 60_000;
    for (;;) {
      const found = appliance.output.split('\n').findLast((line) => pattern.test(line));
      if (found !== undefined) return found;
      if (performance.now() > deadlineMs) throw new Error(`no such lights:\n${appliance.output}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  await page.click('#prove');
  await lightsSay(/green flashes 2x long/);
  t.match(await page.textContent('#proof'), /hold the button/);
  await appliance.onair('press', '--long');
  await page.waitForSelector('#fingerprint mark');
  const [, row, column, digit] = /green flashes long, (\d)x, (\d)x, (\d)x/.exec(
    await lightsSay(/green flashes long, /),
  ) as unknown as [string, string, string, string];
  t.match(await page.textContent('#proof'), `row ${row}, column ${column}, and the digit there, ${digit}`);
  t.equal(await page.textContent('#fingerprint mark'), digit);
  const facts = certificateBody.parse(await appliance.call('GET', '/api/v1/certificate'));
  const digits = facts.authority.sha256.replaceAll(':', '');
  t.equal(digits[(Number(row) - 1) * 8 + Number(column) - 1], digit, 'it is the real fingerprint');
  t.equal(await page.textContent('#fingerprint'), facts.authority.sha256, 'nothing else is written in it');
  t.strictSame(await violationsOf(page), []);
  t.equal(
    await page.evaluate('document.documentElement.scrollWidth <= innerWidth'),
    true,
    'nothing sticks out',
  );
  const { windowOpen } = (await appliance.call('GET', '/api/v1/pairing')) as { windowOpen: boolean };
  t.equal(windowOpen, false, 'the press let nobody operate');
  t.equal((await appliance.status()).broadcast.state, 'offline');
});

t.test('the studio on plain HTTP warns before a secret is typed', async (t) => {
  const browser = await launchBrowser({ hostResolverRules: 'MAP onair.local 127.0.0.1' });
  t.teardown(() => browser.close());
  const page = await browser.newPage({ locale: 'de-DE' });
  await page.goto(`${origin.replace('127.0.0.1', 'onair.local')}/studio`);
  await page.waitForSelector('#operator-name');
  const warning = page.locator('.help.warning');
  await warning.waitFor();
  t.match(await warning.textContent(), /kam über HTTP/);
  await warning.getByRole('link').click();
  await page.waitForURL(/\/trust$/);
});
