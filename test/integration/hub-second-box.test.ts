import t from 'tap';
import { Appliance } from '../support/appliance.ts';
import { HubViewer } from '../support/hub-viewer.ts';

// Two whole appliances: the second joins the first as its hub, and a viewer of the hub watches it.

interface Devices {
  devices: { id: string; name: string; online: boolean; own: boolean; presence: object | null }[];
}

t.test('a viewer of the hub watches the second box', { timeout: 120_000 }, async (t) => {
  const [hub, box] = await Promise.all([Appliance.start(), Appliance.start()]);
  t.teardown(() => Promise.all([hub.close(), box.close()]));
  const viewers: HubViewer[] = [];
  t.teardown(() => {
    for (const viewer of viewers) viewer.close();
  });
  const origin = await hub.origin();
  const { device } = await box.status();

  const seenAtHub = async () => {
    const { devices } = (await hub.call('GET', '/api/v1/devices')) as Devices;
    return devices.find(({ id }) => id === device.id) ?? null;
  };
  /** The second box as the hub shows it to who asks, once it is online or not; rejects after 15 s. */
  const online = async (wanted: boolean) => {
    const deadlineMs = Date.now() + 15_000;
    for (;;) {
      const found = await seenAtHub().catch(() => null); // the hub may be away
      if (found?.online === wanted && (!wanted || found.presence)) return found;
      if (Date.now() > deadlineMs)
        throw new Error(`at the hub: ${JSON.stringify(found)}\n${await box.logs()}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const newViewer = async (): Promise<HubViewer> => {
    const viewer = await HubViewer.greeted(origin);
    viewers.push(viewer);
    return viewer;
  };

  const { key } = (await hub.call('POST', '/api/v1/devices', { id: device.id, name: 'Kitchen' })) as {
    key: string;
  };
  t.match(await seenAtHub(), { name: 'Kitchen', online: false, own: false, presence: null });
  const url = origin.replace('http', 'ws');
  await box.call('PATCH', '/api/v1/settings', { hub: { url, key: 'not-the-key' } });
  await box.call('PATCH', '/api/v1/settings', { hub: { url, key } });
  t.match((await online(true)).presence, { recording: false });

  await box.press();
  await box.until(({ advancing }) => advancing, 15_000);
  const viewer = await newViewer();
  await viewer.watch(device.id);
  t.pass('pictures of the second box, by way of the hub');
  t.equal((await box.until(({ audience }) => audience.viewers === 1)).audience.viewers, 1, 'counted there');
  t.match((await seenAtHub())?.presence, { recording: true }, 'presence says that it is on air');

  await box.kill('control');
  await viewer.pictures(60);
  await box.until(({ daemons }) => Object.values(daemons).every(({ up }) => up), 15_000);
  await online(true);
  await viewer.pictures(60);
  t.pass('the pictures go on while control of the second box dies and comes back');
  t.match(
    await viewer.ended(),
    { reason: 'device_disconnected' },
    'the hub has said that its device was away',
  );

  await hub.kill('control');
  await viewer.pictures(60);
  t.pass('and while control of the hub does');
  await hub.until(({ daemons }) => Object.values(daemons).every(({ up }) => up), 15_000);
  await online(true);
  const next = await newViewer();
  await next.watch(device.id);
  const watching = (await box.status()).audience.viewers;
  next.end();
  await box.until(({ audience }) => audience.viewers === watching - 1);
  t.pass('end_watch reaches the second box');

  await hub.call('DELETE', `/api/v1/devices/${encodeURIComponent(device.id)}`);
  t.equal(await seenAtHub(), null, 'removed');
  const stranger = await newViewer();
  await t.rejects(stranger.watch(device.id), /Device not found/);
});
