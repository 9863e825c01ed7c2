import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import { launchBrowser, watchPage } from '../support/browser.ts';
import { checkout } from '../support/command.ts';
import { ConsoleDaemon } from '../support/console-daemon.ts';

t.setTimeout(240_000);

const browser = await launchBrowser();
t.teardown(() => browser.close());
const file = pathToFileURL(join(checkout, 'dist/web-ui/setup/setup.html')).href;

/** In the page: a Web Serial port whose bytes come and go by way of the test. */
const fakeSerial = `
  let push = null;
  window.fromBox = (bytes) => push?.enqueue(Uint8Array.from(bytes));
  window.cableOut = () => { push?.error(new Error('gone')); push = null; };
  const port = {
    readable: null,
    writable: null,
    open: async () => {
      port.readable = new ReadableStream({ start: (controller) => { push = controller; } });
      port.writable = new WritableStream({ write: (bytes) => window.toBox([...bytes]) });
    },
    close: async () => { push = null; },
  };
  Object.defineProperty(navigator, 'serial', { value: { requestPort: async () => port } });
`;

t.test('setup.html from disk configures a box over Web Serial', async (t) => {
  const daemon = await ConsoleDaemon.start(t);
  const { control, pty } = daemon;
  const page = await browser.newPage({ locale: 'en-GB' });
  t.teardown(() => page.close());
  const { problems } = watchPage(page, 'file://');
  await page.addInitScript(fakeSerial);
  await page.exposeFunction('toBox', (bytes: number[]) => pty.write(Uint8Array.from(bytes)));
  pty.onData((bytes) => {
    void page.evaluate(`window.fromBox?.([${[...bytes].join()}])`).catch(() => {});
  });
  await page.goto(file);

  await page.getByRole('button', { name: 'Connect to the box' }).click();
  await page.locator('#name', { hasText: 'Stage' }).waitFor();
  t.equal(await page.locator('#state').textContent(), 'Off air');
  t.match(await page.locator('#pages').textContent(), 'http://onair.local');

  await page.locator('#network option', { hasText: 'Kitchen (80 %)' }).waitFor({ state: 'attached' });
  await page.getByLabel('Network', { exact: true }).selectOption('Kitchen');
  await page.getByLabel('Passphrase').fill('wrong passphrase');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText('That is not the passphrase. Try another one.').waitFor();
  await page.getByLabel('Passphrase').fill('good passphrase');
  await page.getByRole('button', { name: 'Join' }).click();
  await page.getByText('Joined Kitchen.').waitFor();
  await page.getByText('The box is in Kitchen.').waitFor();

  await page.getByLabel('Name of the box').fill('Bühne');
  await page.getByLabel('Address on the network').fill('stage');
  await page.getByLabel('Picture').selectOption('480p');
  await page.getByLabel('PIN for viewers').fill('4711');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByText('Saved.').waitFor();
  t.match(control.settings, {
    device: { name: 'Bühne' },
    network: { hostname: 'stage' },
    video: { width: 854, height: 480, bitrateKbps: 1_500 },
    viewing: { access: 'pin', pin: '4711' },
  });
  t.match(await page.locator('#pages').textContent(), 'http://stage.local');

  await page.getByRole('button', { name: 'Go live' }).click();
  await page.locator('#state.live', { hasText: 'Live' }).waitFor();
  await page.getByRole('button', { name: 'Stop' }).click();
  await page.locator('#state', { hasText: 'Off air' }).waitFor();
  await page.getByRole('button', { name: 'Get a code' }).click();
  await page.getByText('123456').waitFor();

  await page.evaluate('window.cableOut()');
  await page.getByText('The box is gone: plug it in again and connect.').waitFor();
  await page.getByRole('button', { name: 'Connect to the box' }).click();
  await page.locator('#name', { hasText: 'Bühne' }).waitFor();
  t.same(problems, []);
});

t.test('a port that is no box, and a browser without Web Serial, are told in words', async (t) => {
  const page = await browser.newPage({ locale: 'de-AT' });
  t.teardown(() => page.close());
  await page.addInitScript(`Object.defineProperty(navigator, 'serial', { value: undefined })`);
  await page.goto(file);
  await page.getByText('Dieser Browser kann keine seriellen Anschlüsse benutzen').waitFor();
  t.equal(await page.getByRole('button', { name: 'Mit der Box verbinden' }).isDisabled(), true);
  const silent = await browser.newPage({ locale: 'en' });
  t.teardown(() => silent.close());
  await silent.addInitScript(fakeSerial);
  await silent.exposeFunction('toBox', () => {});
  await silent.goto(file);
  await silent.getByRole('button', { name: 'Connect to the box' }).click();
  await silent.getByText('That port does not answer as an Onair box does').waitFor();
  t.pass('said');
});
