import t from 'tap';
import { methods } from '#console/commands/table.ts';
import { Appliance } from '../support/appliance.ts';
import { ask } from '../support/ask.ts';
import { plugIn } from '../support/console-plug.ts';
import { loadImprovClient, webSerialPort } from '../support/improv-client.ts';

// The line of a whole appliance, with nothing pretended behind it but the radio and the board.

t.setTimeout(240_000);

const box = await Appliance.start({
  settings: { video: { width: 320, height: 180, framesPerSecond: 10 } },
});
t.teardown(() => box.close());

t.test('every method of a program, answered by the real thing', async (t) => {
  const { host, unplug } = await plugIn(box);
  await host.until('onair> ');
  host.send('\n');
  const params: Record<string, unknown> = {
    'settings.get': { key: 'device' },
    'settings.set': { key: 'broadcast.title', value: 'Choir' },
    get: { key: 'device' },
    set: { key: 'broadcast.title', value: 'Concert' },
    patch: { settings: { device: { name: 'Roof' }, network: { hostname: 'roof' } } },
    'wifi.join': { ssid: 'Workshop', passphrase: 'press the button' },
    'wifi.hidden': { ssid: 'Backstage', passphrase: 'hidden away' },
    'wifi.forget': { ssid: 'Workshop' },
    'outputs.add': { name: 'Platform', url: 'rtmp://127.0.0.1:9/live/key' },
    'outputs.on': ['Platform'],
    'outputs.off': ['Platform'],
    'outputs.remove': ['Platform'],
    'sources.take': ['test'],
    camera: { source: 'test', controls: { brightness: 5 } },
    'devices.add': ['kitchen-1', 'Kitchen'],
    'devices.remove': ['kitchen-1'],
    logs: { lines: 5 },
    help: { command: 'pair' },
  };
  // A restart would end the demo's parts, nothing is on air by then that could be recorded, and nobody has paired.
  const skipped = new Set(['reboot', 'restart', 'record', 'operators.revoke', 'update.install']);
  const { error } = await host.call('update.install');
  t.match(error, { message: /^Nobody has said where new versions/ }, 'and nothing is offered');
  for (const { method, result } of methods) {
    if (skipped.has(method)) continue;
    const answer = await host.call(method, params[method]);
    t.same(answer.error, undefined, method);
    const checked = result.safeParse(answer.result);
    t.ok(checked.success, `${method}: ${checked.error?.message ?? 'as promised'}`);
  }
  t.match(await box.status(), { device: { name: 'Roof', hostname: 'roof' } });
  await unplug();
});

t.test('a code from the line makes somebody on the network the operator', async (t) => {
  const { host, unplug } = await plugIn(box);
  await host.until('onair> ');
  const answer = await host.type('pair');
  const [, code = ''] = /Code (\d{6})/.exec(answer) ?? [];
  const origin = await box.origin();
  const headers = { 'content-type': 'application/json', host: new URL(origin).host, origin };
  const paired = await ask('POST', `${origin}/api/v1/pairing`, { headers, body: JSON.stringify({ code }) });
  t.equal(paired.status, 201, paired.text);
  await unplug();
});

t.test('the official Improv client puts the box into the Wi-Fi and is sent on to it', async (t) => {
  const { wire, unplug } = await plugIn(box);
  const { ImprovSerial } = await loadImprovClient();
  const client = new ImprovSerial(webSerialPort(wire), { log: () => {}, debug: () => {}, error: () => {} });
  t.match(await client.initialize(5_000), { firmware: 'Onair', name: 'Roof' });
  t.match(await client.scan(), [
    { name: 'Broken Router' },
    { name: 'Café', secured: false },
    { name: 'Workshop' },
  ]);
  t.equal(await client.provision('Workshop', 'not the words').catch(String), 'UNABLE_TO_CONNECT');
  await client.provision('Workshop', 'press the button');
  t.equal(client.state, 4);
  t.match(client.nextUrl, /^http:\/\/roof\.local(:\d+)?$/);
  await client.close();
  await unplug();
});

t.test('control killed: the line says so, and goes on when it is back', async (t) => {
  const { host, unplug } = await plugIn(box);
  await host.until('onair> ');
  const pid = await box.kill('control');
  for (;;) {
    const answer = await host.type('status');
    if (/^Name {6}Roof/.test(answer)) break;
    t.match(answer, /main service|went away/, answer);
  }
  await box.until(
    ({ daemons }) => daemons.control?.pid !== pid && Object.values(daemons).every(({ up }) => up),
  );
  t.match(await host.type('doctor'), /all services run/);
  await unplug();
});

t.test('the console killed: the box is as healthy, and the line is back', async (t) => {
  const pid = await box.kill('console');
  const { status } = await ask('GET', `${await box.origin()}/api/v1/health`);
  t.equal(status, 200);
  await box.until(({ daemons }) => daemons.console?.up === true && daemons.console.pid !== pid);
  const { host, unplug } = await plugIn(box);
  t.match(await host.until('onair> '), /Roof/);
  await unplug();
});

t.test('/setup and setup.html are served', async (t) => {
  const origin = await box.origin();
  for (const [path, pattern] of [
    ['/setup', 'Set up the box'],
    ['/setup/setup.html', 'Set up your Onair box'],
  ] as const) {
    const { status, text } = await ask('GET', `${origin}${path}`);
    t.equal(status, 200, path);
    t.match(text, pattern);
  }
});
