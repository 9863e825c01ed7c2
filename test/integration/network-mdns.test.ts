import { request } from 'node:http';
import { join } from 'node:path';
import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { AvahiHost, canHaveHosts } from '../support/avahi-host.ts';

const skip = canHaveHosts() ? false : 'only root can make hosts, with avahi-daemon, dbus and iproute2';
t.setTimeout(240_000);

/** What `find` gives once `fits`, within 20 s: what is announced is found a second or two later, by who asks. */
async function eventually<Found>(
  find: () => Promise<Found>,
  fits: (found: Found) => boolean = () => true,
): Promise<Found> {
  const deadlineMs = Date.now() + 20_000;
  for (;;) {
    const found = await find().catch((error: Error) => error);
    if (!(found instanceof Error) && fits(found)) return found;
    if (Date.now() > deadlineMs) throw new Error(`not found: ${JSON.stringify(found)} ${found}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

t.test('a box is found by its name, and nothing that avahi does hurts it', { skip }, async (t) => {
  const box = await AvahiHost.start('onair');
  t.teardown(() => box.close());
  const other = await AvahiHost.start('kitchen');
  t.teardown(() => other.close());
  await box.cable(other, '10.99.0.1/24', '10.99.0.2/24');
  t.equal(await other.startAvahi(), 'kitchen');
  t.equal(await box.startAvahi(), 'onair');
  const appliance = await Appliance.start({
    within: box.within,
    settings: { device: { name: 'Küche' } },
    args: ['--source', 'test'],
  });
  t.teardown(() => appliance.close());
  const { daemons, ports } = await appliance.status();
  const still = async (what: string): Promise<void> => {
    const status = await appliance.status();
    t.same(status.daemons.control, daemons.control, `control is the same process after ${what}`);
  };

  await t.test('another host resolves the page', async (t) => {
    const found = await eventually(() => other.find('Küche'));
    t.match(found, { host: 'onair.local', address: '10.99.0.1', port: ports.http });
    t.match(found.txt, ['live=0', 'path=/', /^version=\d/, 'whep=/whep']);
    t.match((await appliance.status()).device, {
      hostname: 'onair',
      address: `http://10.99.0.1:${ports.http}`,
    });
  });

  await t.test('and whether it is live', async (t) => {
    await appliance.call('POST', '/api/v1/broadcast');
    await appliance.until(({ broadcast }) => broadcast.state === 'live', 20_000);
    await eventually(
      () => other.find('Küche'),
      ({ txt }) => txt[0] === 'live=1',
    );
    await appliance.call('DELETE', '/api/v1/broadcast');
    await eventually(
      () => other.find('Küche'),
      ({ txt }) => txt[0] === 'live=0',
    );
    t.pass('its text follows');
  });

  await t.test('avahi killed, stopped and started again: the page is advertised again', async () => {
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      await box.signalAvahi(signal);
      await still(signal);
      await box.startAvahi();
      await eventually(() => other.find('Küche'));
      await still(`${signal} and a start`);
    }
  });

  await t.test('avahi hangs: control does not', async (t) => {
    await box.signalAvahi('SIGSTOP');
    try {
      await appliance.call('PATCH', '/api/v1/settings', { device: { name: 'Kitchen' } });
      for (let count = 0; count < 5; count += 1) {
        const startedAtMs = Date.now();
        await appliance.status();
        t.ok(
          Date.now() - startedAtMs < 10_000,
          'it waits for no answer of the bus, which gives up after 25 s',
        );
      }
    } finally {
      await box.signalAvahi('SIGCONT');
    }
    await eventually(() => other.find('Kitchen'));
    await still('avahi had hung');
  });

  await t.test('avahi renames the box: the actual name is what everybody is told', async (t) => {
    await box.setName('onair-2');
    await appliance.until(({ device }) => device.hostname === 'onair-2', 20_000);
    const { stdout } = await appliance.onair('status');
    t.match(stdout, 'onair-2.local');
    await eventually(
      () => other.find('Kitchen'),
      ({ host }) => host === 'onair-2.local',
    );
    await still('the rename');
    const status = await new Promise((resolve) => {
      const path = { socketPath: join(appliance.stateDirectory, 'control.sock'), path: '/api/v1/health' };
      request(path, (response) => resolve(response.statusCode)).end();
    });
    t.equal(status, 200);
  });

  await t.test('once it ends, nobody finds it any more', async (t) => {
    await appliance.close();
    const gone = await eventually(
      async () => await other.find('Kitchen').catch(() => null),
      (found) => found === null,
    );
    t.equal(gone, null);
  });
});
