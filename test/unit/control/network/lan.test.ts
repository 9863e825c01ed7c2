import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { HttpServer } from '#control/http/http-server.ts';
import { Router } from '#control/http/router.ts';
import { captiveRedirect } from '#control/network/captive-portal.ts';
import { Lan } from '#control/network/lan.ts';
import { MdnsAdvertiser } from '#control/network/mdns-advertiser.ts';
import { initialSettings } from '#core/domain/settings.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { systemClock } from '#core/runtime/system-clock.ts';
import { keepingLogger } from '#test/support/link-pair.ts';

const streamId = '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f';

t.test('in the access point, whoever looks for another host finds the page', async (t) => {
  const own = { names: ['onair', 'onair.local', 'onair-2.local'], port: 80 };
  const at = (host: string | undefined, localAddress = '::ffff:10.42.0.1') =>
    captiveRedirect({ localAddress, host }, own);
  for (const host of [
    'captive.apple.com',
    'connectivitycheck.gstatic.com',
    'www.msftconnecttest.com',
    'detectportal.firefox.com',
    undefined,
  ])
    t.equal(at(host), 'http://10.42.0.1/', String(host));
  for (const host of ['10.42.0.1', 'onair.local', 'onair', 'onair-2.local']) t.equal(at(host), null, host);
  t.equal(at('captive.apple.com', '192.0.2.7'), null, 'elsewhere nothing is turned around');
  t.equal(
    captiveRedirect({ localAddress: '10.42.0.1', host: 'captive.apple.com' }, { names: [], port: 8080 }),
    'http://10.42.0.1:8080/',
  );
});

t.test('the server sends on what was never meant for it, before it looks at anything else', async (t) => {
  const { logger } = keepingLogger();
  const server = new HttpServer({
    listenOn: { host: '127.0.0.1', port: 0 },
    authority: 'network',
    router: new Router([]),
    settings: () => initialSettings({ deviceId: 'box', streamId }),
    upgrade: () => {},
    names: () => ['onair-2.local'],
    redirect: ({ headers }) => (headers.host === 'captive.apple.com' ? 'http://10.42.0.1/' : null),
    logger,
  });
  await server.start();
  t.teardown(() => server.close());
  const ask = (host: string): Promise<{ status: number | undefined; location: string | undefined }> =>
    new Promise((resolve, reject) => {
      const options = { port: server.port, path: '/hotspot-detect.html', headers: { host } };
      request(options, (response) => {
        response.resume();
        resolve({ status: response.statusCode, location: response.headers.location });
      })
        .on('error', reject)
        .end();
    });
  t.same(await ask('captive.apple.com'), { status: 302, location: 'http://10.42.0.1/' });
  t.match(await ask('evil.example'), { status: 403 });
  t.match(await ask('onair-2.local'), { status: 404 }, 'the actual name is one of its own');
});

/** The box in a network, with settings of the test's. */
async function lanAt(t: Test) {
  const folder = t.testdir({ run: {}, data: {} });
  await mkdir(join(folder, 'run', 'requests'));
  const settings = initialSettings({ deviceId: '12ab34cd-0000', streamId });
  settings.network.hostname = 'hall-of-the-test';
  settings.network.wifi.country = 'GB';
  const { logger } = keepingLogger();
  const lan = new Lan({
    settings: () => settings,
    paths: {
      ...pathsFrom({}),
      runtimeDirectory: join(folder, 'run'),
      dataDirectory: join(folder, 'data'),
    },
    httpPort: () => 80,
    live: () => false,
    clock: systemClock,
    logger,
  });
  t.teardown(() => lan.close());
  const asked = async (name: string) =>
    (await readFile(join(folder, 'run', 'requests', name), 'utf8').catch(() => '')).trim();
  return { lan, settings, asked, folder };
}

t.test('name and country are asked of the system, at the start and when they change', async (t) => {
  const { lan, settings, asked } = await lanAt(t);
  await lan.start();
  t.equal(await asked('hostname'), 'hall-of-the-test');
  t.equal(await asked('wifi-country'), 'GB');
  settings.network.hostname = 'kitchen';
  settings.network.wifi.country = 'NO';
  await lan.applySettings(['network.hostname', 'network.wifi.country']);
  t.equal(await asked('hostname'), 'kitchen');
  t.equal(await asked('wifi-country'), 'NO');
  if (lan.names.length === 0)
    t.equal(lan.hostname, 'kitchen', 'where nothing publishes a name, the wanted one');
});

t.test('the access point has one passphrase for ever, random, and easy to type', async (t) => {
  const { lan, folder } = await lanAt(t);
  await lan.start();
  const { ssid, passphrase } = lan.accessPoint;
  t.equal(ssid, 'Onair-12AB');
  t.match(passphrase, /^[a-hjkmnp-z2-9]{4}(-[a-hjkmnp-z2-9]{4}){2}$/);
  const stored = JSON.parse(await readFile(join(folder, 'data', 'access-point.json'), 'utf8'));
  t.equal(stored.passphrase, passphrase);
  const other = await lanAt(t);
  await other.lan.start();
  t.not(other.lan.accessPoint.passphrase, passphrase);
  other.settings.network.wifi.accessPointPassphrase = 'our own words';
  t.equal(other.lan.accessPoint.passphrase, 'our own words', 'unless the operator has chosen another');
});

t.test('an advertiser that falls is started again, and hurts nobody', async (t) => {
  const folder = t.testdir();
  const program = join(folder, 'advertiser.mjs');
  await writeFile(
    program,
    `process.on('message', ({ name }) => process.send({ known: name }));
     process.on('disconnect', () => process.exit(0));
     setTimeout(() => process.abort(), 60_000);`,
  );
  const { logger } = keepingLogger();
  const advertiser = new MdnsAdvertiser({ program, clock: systemClock, logger });
  t.teardown(() => advertiser.close());
  const registered = (): Promise<string> =>
    new Promise((resolve) => {
      const off = advertiser.events.on('registered', ({ name }) => {
        off();
        resolve(name);
      });
    });
  const wanted = { name: 'Hall', port: 80, txt: { live: '0' } };
  const first = registered();
  advertiser.advertise(wanted);
  t.equal(await first, 'Hall');
  const again = registered();
  const { pid } = advertiser;
  if (pid === null) throw new Error('the advertiser has no process');
  process.kill(pid, 'SIGKILL');
  t.equal(await again, 'Hall');
  const changed = registered();
  advertiser.advertise({ ...wanted, name: 'Kitchen' });
  t.equal(await changed, 'Kitchen');
  advertiser.advertise(null);
  t.equal(advertiser.registered, null);
  t.equal(advertiser.pid, null);
  advertiser.close();
  advertiser.close();
});
