import t from 'tap';
import { consoleOnPty } from '../support/console-host.ts';
import { keys, person } from '../support/console-person.ts';
import { Refusal } from '../support/fake-control.ts';

t.setTimeout(60_000);

t.test('status, live and stop', async (t) => {
  const { host } = await person(t);
  t.match(await host.type('status'), /^Name {6}Stage .*\nPage .*\nState {5}offline/);
  t.equal(await host.type('live'), 'Live. Watch at http://onair.local  or  http://192.168.1.20');
  t.match(await host.type('status'), /State {5}live since .*\n/);
  t.equal(await host.type('stop'), 'Stopped.');
});

t.test('where the page is: in the network, over the cable, in the box’s own Wi-Fi', async (t) => {
  const { host, control } = await person(t);
  const at = (address: string | null, usbAddress: string | null): void => {
    control.status = { ...control.status, usbAddress, device: { ...control.status.device, address } };
  };
  at('http://192.168.1.20', 'http://10.55.0.1');
  const both = 'at http://onair.local  or  http://192.168.1.20\nor over this cable at http://10.55.0.1';
  t.equal(await host.type('live'), `Live. Watch ${both}`);
  t.match(
    await host.type('status'),
    /^Page {6}http:\/\/onair\.local {2}or {2}http:\/\/192\.168\.1\.20\n {10}over this cable at http:\/\/10\.55\.0\.1$/m,
  );
  t.match(await host.type('wifi join Kitchen good passphrase'), `Joined Kitchen. The page is ${both}`);
  control.overrides['GET /api/v1/status'] = () => {
    throw new Refusal(503, 'unavailable', 'Not now.');
  };
  t.match(
    await host.type('wifi join Kitchen good passphrase'),
    'Joined Kitchen. The page is at http://192.168.1.20',
    'joined it is, even where the box cannot say more',
  );
  delete control.overrides['GET /api/v1/status'];
  at(null, 'http://10.55.0.1');
  t.equal(await host.type('live'), 'Live. Watch over this cable at http://10.55.0.1');
  t.match(await host.type('pair'), /\nType it over this cable at http:\/\/10\.55\.0\.1\/studio$/);
  t.match(await host.type('status'), /^Page {6}no network yet: .*\n {10}over this cable at http/m);
  at(null, null);
  t.equal(await host.type('live'), 'Live.');
  t.match(await host.type('pair'), /\nType it on the studio page, once the box has a network$/);
  at('http://10.42.0.1', null);
  t.match(
    await host.type('status'),
    /^Page {6}http.* {2}or {2}http:\/\/10\.42\.0\.1\nWi-Fi {5}the box’s own, .* wifi/m,
  );
});

t.test('going live that fails says why and what to do', async (t) => {
  const { host, control } = await person(t);
  const reason = { code: 'no-camera', message: 'No camera is connected.', action: 'Plug one in.' };
  control.overrides['POST /api/v1/broadcast'] = () => {
    control.become({ state: 'failed', reason });
    return null;
  };
  t.equal(await host.type('live'), 'No camera is connected. Plug one in.');
  t.match(await host.type('doctor'), /PROBLEM {2}No camera is connected\.\n {9}Plug one in\./);
});

t.test('settings: get and set, checked by the box, secrets asked for and never shown', async (t) => {
  const { host, control } = await person(t);
  t.equal(await host.type('set device.name Kitchen camera'), 'device.name is set, in force now.');
  t.equal(control.settings.device?.name, 'Kitchen camera');
  t.equal(await host.type('set device.name "Kitchen camera"'), 'device.name was that already.');
  t.equal(await host.type('set video.bitrateKbps 2000'), 'video.bitrateKbps is set, in force now.');
  t.equal(control.settings.video?.bitrateKbps, 2000, 'a number');
  t.match(await host.type('get video.bitrateKbps'), /^video\.bitrateKbps {2}2000 kbit\/s +Video bitrate$/);
  t.match(await host.type('set network.hostname stage'), /^network\.hostname is set, .*new address/);
  t.equal(
    await host.type('set network.hostname ---'),
    'network.hostname is set, in force now; the box may have a new address, see status.',
  );
  t.match(await host.type('set network.hostname Ä'), /^network\.hostname must be a-z/);
  t.match(await host.type('set video.speed 3'), /^video\.speed is not a setting\. There are: video\.source/);
  t.match(await host.type('get nothing'), /^nothing is not a setting\. settings get shows them all\./);
  t.match(await host.type('set device.name'), /^VALUE is missing\. Usage: set KEY \[VALUE\]/);

  host.send('set viewing.pin\r');
  await host.until('New value of viewing.pin: ');
  host.send('4711\r');
  const answer = await host.until('onair> ');
  t.notMatch(answer, /4711/);
  t.match(answer, /viewing\.pin is set.*\r\nWatching still asks for no PIN/);
  t.equal(control.settings.viewing?.pin, '4711');
  t.match(await host.type('get viewing.pin'), /\(set\)/);
});

t.test('Wi-Fi: scan, join with the passphrase asked for, plain reasons, forget', async (t) => {
  const { host, control } = await person(t);
  t.match(await host.type('wifi'), /^Joined: none\. Try wifi scan\.\nSaved: {2}Attic$/);
  t.match(await host.type('wifi scan'), /Kitchen +80 % {2}protected\nCafé au lait +31 % {2}open\n/);
  host.send('wifi join Kitchen\r');
  await host.until('Passphrase of Kitchen (Enter where it has none): ');
  host.send('bad passphrase\r');
  t.match(
    await host.until('onair> '),
    /Joining Kitchen\.\.\.\r\nThat is not the passphrase\. Try another one\./,
  );
  t.equal(
    await host.type('wifi join Kitchen good passphrase'),
    'Joining Kitchen...\nJoined Kitchen. The page is at http://onair.local  or  http://192.168.1.20',
  );
  host.send(`${keys.up}`);
  t.equal(await host.until('wifi join Kitchen'), '\ronair> wifi join Kitchen', 'not in the history');
  host.send(keys.interrupt);
  host.send('wifi join "Café au lait"\r');
  await host.until('none): ');
  t.match(await host.type(''), /Joined Café au lait/);
  t.match(await host.type('wifi join Kitchen short'), /^PASSPHRASE must be 8 to 63 .*Usage: wifi join/);
  t.match(await host.type('wifi hidden Cellar goodness me'), /Cellar is not in reach\. Bring the box nearer/);
  t.match(control.asked.at(-1), /"ssid":"Cellar","passphrase":"goodness me","hidden":true/);
  t.equal(await host.type('wifi forget Attic'), 'Attic is forgotten.');
  t.equal(await host.type('wifi forget Attic 2'), 'Attic 2 is not saved. wifi shows what is.');
  control.wifi = {
    ...control.wifi,
    connected: null,
    accessPoint: { ssid: 'Onair-1234', address: 'http://10.42.0.1', passphrase: 'some long words' },
  };
  t.match(await host.type('wifi'), /Own network: Onair-1234, passphrase some long words\nIts page: {4}http/);
  t.match(await host.type('doctor'), /careful {2}no network was found: .* Onair-1234\n {9}Join one/);
  control.wifi = { ...control.wifi, available: false };
  t.match(await host.type('wifi'), /no Wi-Fi: use an Ethernet cable/);
});

t.test('pair, devices, logs, doctor, reboot, help', async (t) => {
  const { host, control } = await person(t);
  t.match(await host.type('pair'), /^Code 123456, .*\nType it at http:\/\/onair\.local\/studio/);
  t.equal(await host.type('devices'), 'box-1  online   Stage (this box), 49 °C');
  t.equal((await host.type('logs')).split('\n').length, 30);
  t.match(await host.type('logs 1'), /^\d\d-\d\d \d\d:04:49 {2}media {4}info {3}line 39$/);
  t.match(await host.type('logs media 1'), /line 39$/);
  t.match(await host.type('logs nope'), /^There is no service nope\. There are: control\./);
  t.match(await host.type('logs 1 2'), /^2 is too much/);
  t.match(await host.type('doctor'), /^ok .*all services run\n.*\nThe box is well\.$/s);
  control.status = {
    ...control.status,
    problems: [
      { code: 'onair-toml', message: 'onair.toml, line 3: hostname is wrong.', action: 'Use a-z.' },
      { code: 'stored-settings', message: 'Stored settings: nothing can be stored.', action: 'Use a card.' },
    ],
    daemons: { control: { pid: 1, up: true }, media: { pid: null, up: false } },
    telemetry: { batteryPercent: 9, temperatureCelsius: 76, throttled: false, underVoltage: false },
  };
  const findings = await host.type('doctor');
  t.match(findings, /PROBLEM {2}onair\.toml, line 3: hostname is wrong\.\n {9}Use a-z\./);
  t.match(findings, /PROBLEM {2}Stored settings: nothing can be stored\.\n {9}Use a card\./);
  t.match(findings, /PROBLEM {2}the service media is away/);
  t.notMatch(findings, /hot|battery/, 'the thresholds are those of the policy: it charges, and is warm');
  control.status = { ...control.status, powerConditions: ['too-hot', 'battery-low'] };
  t.match(await host.type('doctor'), /careful {2}the box is hot\n.*careful {2}the battery is at 9 %/s);
  t.match(findings, /Something needs fixing\.$/);
  t.match(await host.type('reboot'), /The box restarts/);
  t.equal(control.asked.at(-1), 'POST /api/v1/restart {"what":"box"}');
  const help = await host.type('help');
  for (const name of 'status live stop get set wifi pair devices logs doctor reboot help exit'.split(' '))
    t.match(help, new RegExp(`^${name}\\b`, 'm'), name);
  t.notMatch(help, /subscribe/, 'for programs');
  t.match(
    await host.type('help wifi join'),
    /^wifi join SSID \[PASSPHRASE\] \[--hidden\] {2}.*\nPut a name with blanks/,
  );
  t.equal(await host.type('?'), help);
  t.match(await host.type('help me'), /There is no command me\. help shows them all\./);
});

t.test('what is wrong says what to do', async (t) => {
  const { host } = await person(t);
  t.equal(await host.type('lvie'), 'There is no command lvie. Type help.');
  t.equal(await host.type('status now'), 'now is too much. Usage: status. Put words with blanks in quotes.');
  t.equal(await host.type(''), '');
  t.equal(await host.type('   '), '');
  t.match(await host.type('STATUS'), /^Name/, 'capitals do');
  t.equal(await host.type('\u0007\u0001\u0080'), '', 'control characters are nothing');
  t.equal(await host.type('ÿ'), 'That is not a command. Type help.');
});

t.test('without control the line works, says so, and goes on when it is back', async (t) => {
  const { host, control } = await consoleOnPty(t, { control: false });
  host.send('\r');
  t.match(await host.until('onair> '), /the main service does not answer yet/);
  for (const line of ['status', 'live', 'get', 'set device.name x', 'wifi scan', 'pair', 'logs', 'reboot'])
    t.match(await host.type(line), /main service does not answer\. It comes back by itself/, line);
  t.match(await host.type('doctor'), /PROBLEM {2}The box’s main service does not answer/);
  await control.start();
  t.match(await host.type('status'), /^Name/);
});

t.test('control that goes away in the middle of a command ends it with words', async (t) => {
  const { host, control } = await person(t);
  control.overrides['POST /api/v1/broadcast'] = () => null;
  host.send('live\r');
  await control.listenedToBy(1);
  await control.close();
  t.match(await host.until('onair> '), /went away meanwhile/);
});

t.test('the words of the shell, --json and options on the line', async (t) => {
  const { host, control } = await person(t);
  t.match(await host.type('settings get device.name'), /^device\.name {2}/);
  t.match(await host.type('settings set device.name Roof'), /^device\.name is set/);
  t.match(await host.type('sources'), /^test {2}ready/);
  t.match(await host.type('sources take test'), 'Test picture is on the air, until stop.');
  t.match(await host.type('operators'), /^op-1 {2}Kim {2}since/);
  t.equal(await host.type('operators revoke op'), 'Kim operates this box no longer.');
  t.match(await host.type('devices add box-2 Kitchen'), /^box-2 is enrolled\..*\n {2}the-key\n/);
  t.match(await host.type('certificate'), /SHA-256 {2}CC:DD/);
  t.same(JSON.parse(await host.type('status --json')), control.status);
  t.same(JSON.parse(await host.type('devices --json')).devices.length, 1);
  t.match(await host.type('status --hidden'), /^status takes no --hidden\. Usage: status/);
  control.wifi = { ...control.wifi, saved: [] };
  host.send('wifi join Kitchen --hidden\r');
  await host.until('none): ');
  t.match(await host.type('good passphrase'), /Joined Kitchen/);
  t.match(control.asked.at(-2), /"hidden":true/);
  t.match(await host.type('restart box'), /The box restarts/);
  t.match(await host.type('restart nothing'), /^WHAT must be one of box, services\. Usage: restart \[WHAT\]/);
});

t.test('exit forgets the conversation, the next key begins another', async (t) => {
  const { host } = await person(t);
  await host.type('get device.name');
  host.send('exit\r');
  await host.until('Bye.');
  host.send('\r');
  t.match(await host.until('onair> '), /State {2}offline/, 'a greeting');
  host.send(`${keys.up}`);
  t.match(await host.type('status'), /^Name/, 'no history of the other');
});
