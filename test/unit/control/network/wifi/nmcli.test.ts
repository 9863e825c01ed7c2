import { chmod, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { joinFailure } from '#control/network/wifi/join-failure.ts';
import { NetworkManagerWifi } from '#control/network/wifi/network-manager.ts';
import { Nmcli, passwordLine, terseFields } from '#control/network/wifi/nmcli.ts';
import { parseScan } from '#control/network/wifi/scan-list.ts';
import { hasAddress, lanAddresses, usbCableAddress } from '#core/hardware/network/lan-addresses.ts';
import { printable } from '#core/hardware/network/wifi.ts';
import { checkout } from '#test/support/command.ts';
import { FakeNmcli } from '#test/support/fake-nmcli.ts';

const home = { ssid: 'Home', signal: 80, security: 'WPA2', passphrase: 'correct horse' };

t.test('terse lines: colons and backslashes in a field are its own', async (t) => {
  t.same(terseFields('wlan0:wifi:connected'), ['wlan0', 'wifi', 'connected']);
  t.same(terseFields('a\\:b:c\\\\:'), ['a:b', 'c\\', '']);
  t.same(terseFields(''), ['']);
  t.same(terseFields('end\\'), ['end\\']);
});

t.test('a passphrase stays what it is through a passwd-file', async (t) => {
  t.equal(passwordLine('x', 'a b'), 'x:a\\ b\n');
  t.equal(passwordLine('x', ' \\:# '), 'x:\\ \\\\:#\\ \n');
  for (const broken of ['a\nb', 'a\rb', 'a\0b']) t.throws(() => passwordLine('x', broken), RangeError);
});

t.test('a scan as nmcli 1.42 printed it', async (t) => {
  const text = ' :486F6D653A206E65745C776F726B:82:WPA1 WPA2:Infra\n*:436166C3A9:40::Infra\n';
  t.same(parseScan(text), [
    { ssid: 'Home: net\\work', signalPercent: 82, security: 'wpa', inUse: false },
    { ssid: 'Café', signalPercent: 40, security: 'open', inUse: true },
  ]);
});

t.test('a scan: each name once, no secret or broken ones, and what secures them', async (t) => {
  const row = (ssid: string, signal: string, security: string, mode = 'Infra', inUse = ' ') =>
    `${inUse}:${Buffer.from(ssid).toString('hex').toUpperCase()}:${signal}:${security}:${mode}`;
  const text = [
    row('Home', '40', 'WPA2'),
    row('Home', '70', 'WPA2'),
    row('Mixed', '60', 'WPA2 WPA3'),
    row('New', '50', 'WPA3'),
    row('Firm', '45', 'WPA2 802.1X'),
    row('Old', '44', 'WEP'),
    row('Owe', '43', 'OWE'),
    row('', '99', 'WPA2'),
    row('\0\0\0', '99', 'WPA2'),
    row('Pair', '99', '', 'Ad-Hoc'),
    row('Loud', '4711', '--'),
    row('Mute', 'nonsense', ''),
    ' :zz:50::Infra',
    ` :${'41'.repeat(33)}:50::Infra`,
    ' :FF00FE:30::Infra',
    'nonsense',
  ].join('\n');
  t.same(
    parseScan(text).map(({ ssid, signalPercent, security }) => [ssid, signalPercent, security]),
    [
      ['Loud', 100, 'open'],
      ['Home', 70, 'wpa'],
      ['Mixed', 60, 'wpa'],
      ['New', 50, 'wpa3'],
      ['Firm', 45, 'unsupported'],
      ['Old', 44, 'unsupported'],
      ['Owe', 43, 'enhanced-open'],
      ['\u{fffd}\0\u{fffd}', 30, 'open'],
      ['Mute', 0, 'open'],
    ],
  );
  const many = Array.from({ length: 500 }, (_, index) => row(`n${index}`, '50', '')).join('\n');
  t.equal(parseScan(many).length, 200, 'a hostile room full of radios costs bounded memory');
});

t.test('why joining failed, in NetworkManager’s words with and without its numbers', async (t) => {
  const why = (stderr: string, exitCode = 4) => joinFailure('Home', { exitCode, stdout: '', stderr }).code;
  const failed = 'Error: Connection activation failed:';
  t.equal(why(`${failed} Secrets were required, but not provided.`), 'wifi-wrong-passphrase');
  t.equal(why(`${failed} (7) Secrets were required, but not provided.`), 'wifi-wrong-passphrase');
  t.equal(why(`${failed} 802.1X supplicant took too long to authenticate.`), 'wifi-wrong-passphrase');
  t.equal(why(`${failed} (53) The Wi-Fi network could not be found.`), 'wifi-not-found');
  t.equal(
    why(`${failed} IP configuration could not be reserved (no available address, timeout, etc.).`),
    'wifi-no-address',
  );
  t.equal(why('Error: Timeout expired (60 seconds)\n', 3), 'wifi-no-address');
  t.equal(why(`${failed} (1) Unknown reason.`), 'wifi-failed');
});

t.test('no secret is ever an argument, and none is left in a file', async (t) => {
  const folder = t.testdir();
  const nmcli = new FakeNmcli({ networks: [home] });
  const wifi = new NetworkManagerWifi({ nmcli, secretsDirectory: folder });
  await t.rejects(wifi.join({ ssid: 'Home', passphrase: 'wrong horse', hidden: false }));
  await (await wifi.join({ ssid: 'Home', passphrase: 'correct horse', hidden: false })).keep();
  await wifi.openAccessPoint({ ssid: 'Onair-12AB', passphrase: 'abcd-efgh-jkmn' });
  t.notMatch(JSON.stringify(nmcli.asked), /horse|abcd/);
  t.same(await readdir(folder), []);
});

t.test('until a network is kept, a restart goes back; then the same name is known once', async (t) => {
  const nmcli = new FakeNmcli({ networks: [home] });
  const wifi = new NetworkManagerWifi({ nmcli, secretsDirectory: t.testdir() });
  const first = await wifi.join({ ssid: 'Home', passphrase: 'correct horse', hidden: false });
  t.match(nmcli.connections, [{ autoconnect: false }]);
  await first.keep();
  t.match(nmcli.connections, [{ autoconnect: true, keyManagement: 'wpa-psk', psk: 'correct horse' }]);
  const [before] = nmcli.connections;
  await (await wifi.join({ ssid: 'Home', passphrase: 'correct horse', hidden: false })).keep();
  t.equal(nmcli.connections.length, 1);
  t.not(nmcli.connections[0]?.uuid, before?.uuid, 'the new passphrase counts');
});

t.test('the access point is WPA2 with CCMP only, in memory only, with the page at its address', async (t) => {
  const nmcli = new FakeNmcli();
  const wifi = new NetworkManagerWifi({ nmcli, secretsDirectory: t.testdir() });
  await wifi.openAccessPoint({ ssid: 'Onair-12AB', passphrase: 'abcd-efgh-jkmn' });
  const added = nmcli.asked.find(([what, how]) => what === 'connection' && how === 'add')?.join(' ') ?? '';
  for (const part of ['save no', 'mode ap', 'key-mgmt wpa-psk', 'proto rsn', 'pairwise ccmp', 'group ccmp'])
    t.match(added, part);
  t.match(added, 'ipv4.method shared ipv4.addresses 10.42.0.1/24');
  t.match(nmcli.connections, [{ mode: 'ap', psk: 'abcd-efgh-jkmn', autoconnect: false }]);
});

t.test('a security that this box does not know is said to be one', async (t) => {
  const nmcli = new FakeNmcli({ networks: [{ ...home, security: 'WPA2 802.1X' }] });
  const wifi = new NetworkManagerWifi({ nmcli, secretsDirectory: t.testdir() });
  const joining = wifi.join({ ssid: 'Home', passphrase: 'correct horse', hidden: false });
  await t.rejects(joining, { code: 'wifi-unsupported' });
  nmcli.networks = [{ ...home, security: 'WPA3' }];
  await (await wifi.join({ ssid: 'Home', passphrase: 'correct horse', hidden: false })).keep();
  t.match(nmcli.connections, [{ keyManagement: 'sae' }]);
});

t.test('WPA2, WPA3 or both: what was joined comes up by itself after a restart', async (t) => {
  for (const security of ['WPA2', 'WPA2 WPA3', 'WPA3'])
    for (const [how, hidden, heardAny] of [
      ['heard before', false, true],
      ['not heard yet', false, false],
      ['hidden', true, true],
    ] as const) {
      const nmcli = new FakeNmcli({ networks: [{ ...home, security, hidden }] });
      nmcli.heardAny = heardAny;
      const wifi = new NetworkManagerWifi({ nmcli, secretsDirectory: t.testdir() });
      await (await wifi.join({ ssid: 'Home', passphrase: 'correct horse', hidden })).keep();
      t.match(nmcli.connections, [{ keyManagement: security === 'WPA3' ? 'sae' : 'wpa-psk' }]);
      t.ok(nmcli.comesUpByItself('Home'), `${security}, ${how}`);
    }
});

t.test('of the two connections of onair.toml, the one that fits either network is joined', async (t) => {
  for (const security of ['WPA2', 'WPA2 WPA3', 'WPA3']) {
    const nmcli = new FakeNmcli({ networks: [{ ...home, security }] });
    const wifi = new NetworkManagerWifi({ nmcli, secretsDirectory: t.testdir() });
    const known = { ssid: 'Home', mode: 'infrastructure', hidden: false, autoconnect: true, active: false };
    nmcli.connections = ['sae', 'wpa-psk'].map((keyManagement) => ({
      ...{ ...known, uuid: keyManagement, keyManagement, psk: 'correct horse' },
    }));
    await (await wifi.join({ ssid: 'Home', hidden: false })).keep();
    t.match(nmcli.connections, [{ uuid: 'wpa-psk', active: true }]);
    t.equal(nmcli.connections.length, 1);
    t.ok(nmcli.comesUpByItself('Home'), security);
  }
});

t.test('a passphrase that is refused is not tried on and on', async (t) => {
  const nmcli = new FakeNmcli({ networks: [home] });
  const wifi = new NetworkManagerWifi({ nmcli, secretsDirectory: t.testdir() });
  await t.rejects(wifi.join({ ssid: 'Home', passphrase: 'wrong horse', hidden: false }), {
    code: 'wifi-wrong-passphrase',
  });
  t.notOk(nmcli.watched, 'nobody watches any more');
  t.same(nmcli.connections, []);
});

t.test('no radio, no NetworkManager, no nmcli: Wi-Fi is not available, and says so', async (t) => {
  const nmcli = new FakeNmcli({ networks: [home] });
  const absent = new Nmcli({ program: join(t.testdir(), 'nmcli') });
  for (const [what, runner] of [
    ['no radio', Object.assign(new FakeNmcli(), { radio: false })],
    ['no NetworkManager', Object.assign(nmcli, { running: false })],
    ['no nmcli', absent],
  ] as const) {
    const wifi = new NetworkManagerWifi({ nmcli: runner, secretsDirectory: t.testdir() });
    t.match(await wifi.read(), { available: false, connected: null, saved: [] }, what);
    await t.rejects(wifi.scan(), { code: 'wifi-unavailable' });
    await t.rejects(wifi.join({ ssid: 'Home', hidden: false }), { code: 'wifi-unavailable' });
  }
});

t.test('nmcli is run without a shell, in one language, with its exit code, and not for ever', async (t) => {
  const folder = t.testdir();
  const program = join(folder, 'nmcli');
  await writeFile(
    program,
    '#!/bin/sh\nif [ "$1" = hang ]; then exec sleep 60; fi\nprintf "%s|" "$LC_ALL" "$@"\nexit 4\n',
  );
  await chmod(program, 0o700);
  const nmcli = new Nmcli({ program });
  const words = ['--x', '$(id)', 'a b', '', "'", '\n'];
  t.same(await nmcli.run(words), { exitCode: 4, stdout: `C.UTF-8|${words.join('|')}|`, stderr: '' });
  t.equal((await nmcli.run(['hang'], { timeoutMs: 50 })).exitCode, 3);
  t.equal((await nmcli.run(['zero\0byte'])).exitCode, 2);
  t.equal((await nmcli.run(['hang'], { signal: AbortSignal.timeout(50) })).exitCode, 3);
  let stop = (): void => {};
  const line = await new Promise((resolve) => {
    stop = nmcli.watch(['watched'], resolve);
  });
  stop();
  t.equal(line, 'C.UTF-8|watched|');
  new Nmcli({ program: join(folder, 'none') }).watch([], () => t.fail('nothing is there'))();
});

t.test('addresses of the network: not the USB cable’s, not the access point’s, IPv4 first', async (t) => {
  const of = (address: string, family: 'IPv4' | 'IPv6', internal = false) => ({
    ...{ address, family, internal, netmask: '', mac: '', cidr: null },
    ...(family === 'IPv6' ? { scopeid: 0 } : {}),
  });
  const interfaces = {
    lo: [of('127.0.0.1', 'IPv4', true)],
    usb0: [of('10.55.0.1', 'IPv4')],
    docker0: [of('172.17.0.1', 'IPv4')],
    eth0: [of('fe80::1', 'IPv6'), of('2001:db8::7', 'IPv6'), of('192.0.2.7', 'IPv4')],
    wlan0: [of('10.42.0.1', 'IPv4')],
  } as Parameters<typeof lanAddresses>[0];
  t.same(lanAddresses(interfaces), ['192.0.2.7', '2001:db8::7']);
  t.same(lanAddresses({}), []);
  const gadget = await readFile(join(checkout, 'firmware/usb-gadget/onair-usb.nmconnection'), 'utf8');
  t.match(gadget, `\naddress1=${usbCableAddress}/24\n`);
  t.equal(hasAddress(interfaces, usbCableAddress), true, 'where the cable is in');
  t.equal(hasAddress({ eth0: interfaces.eth0 }, usbCableAddress), false);
});

t.test('a name moves no cursor', async (t) => {
  t.equal(printable('a\u001b[2Jb\u202ec\n'), 'a\u{fffd}[2Jb\u{fffd}c\u{fffd}');
  t.equal(printable('Café 🎥'), 'Café 🎥');
});
