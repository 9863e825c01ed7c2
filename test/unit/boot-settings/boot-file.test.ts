import { parse } from 'smol-toml';
import t from 'tap';
import { readSshKeys, withKeys } from '#boot-settings/authorized-keys.ts';
import { readBootFile } from '#boot-settings/boot-file.ts';
import { tomlPlaces } from '#boot-settings/toml-places.ts';
import { connectionFile, wpa3ConnectionFile } from '#boot-settings/wifi-connection.ts';
import { readText } from '#test/support/source-files.ts';

const key = `ssh-ed25519 ${Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.alloc(36, 7)]).toString('base64')}`;

t.test('all that a file can say', async (t) => {
  const text = `# the town hall's
name = "Town hall"   # what viewers read
hostname = "Hall.local"
country = "gb"
access_point = false
ssh_key = "${key} kim@desk"

[wifi]
ssid = "our network"
passphrase = "its passphrase"  # ask Kim
hidden = true

[settings.video]
width = 640
[settings.viewing]
access = "pin"
pin = '1234'
[settings]
hub = { url = "ws://192.0.2.1", key = "the-hub's-key" }
`;
  const found = readBootFile(text);
  t.same(found.problems, []);
  t.same(found.patch, {
    device: { name: 'Town hall' },
    network: { hostname: 'hall', wifi: { country: 'GB', accessPoint: false } },
    video: { width: 640 },
    viewing: { access: 'pin', pin: '1234' },
    hub: { url: 'ws://192.0.2.1', key: "the-hub's-key" },
  });
  t.same(found.wifi, { ssid: 'our network', passphrase: 'its passphrase', hidden: true });
  t.same(found.sshKeys, [key]);
  t.equal(
    found.blanked,
    text
      .replace('"its passphrase"', '""              ')
      .replace("'1234'", '""    ')
      .replace('"the-hub\'s-key"', '""             '),
    'only secrets are blanked: comments, order and places stay',
  );
  const again = readBootFile(found.blanked);
  t.same(again.problems, [], 'a blanked file has no mistakes');
  t.same(again.patch.viewing, { access: 'pin' }, 'a blank says nothing');
  t.match(again.wifi, { passphrase: '' });
  t.equal(again.blanked, found.blanked);
});

t.test('the passphrase of the own network is used once, and blanked', async (t) => {
  const found = readBootFile('access_point_passphrase = "our own words"\n');
  t.same(found.problems, []);
  t.same(found.patch, { network: { wifi: { accessPointPassphrase: 'our own words' } } });
  t.equal(found.blanked, 'access_point_passphrase = ""             \n');
  t.match(readBootFile('access_point_passphrase = "short"\n').problems, [
    { line: 1, key: 'access_point_passphrase' },
  ]);
});

t.test('a mistake costs what it stands in, and is told with its line', async (t) => {
  const { patch, wifi, sshKeys, problems } = readBootFile(`name = "Town hall"
hostname = "town hall"
contry = "GB"
ssh_key = "AAAA"
[wifi]
passphrase = "short"
[settings.video]
width = 641
height = 480
colour = true
[settings.device]
id = "mine"
[settings]
audio = 5
`);
  t.same(patch, { device: { name: 'Town hall' }, video: { height: 480 } });
  t.same([wifi, sshKeys], [null, []]);
  t.same(
    problems.map(({ line, key: at }) => [line, at]),
    [
      [2, 'hostname'],
      [3, 'contry'],
      [4, 'ssh_key'],
      [6, 'wifi.ssid'],
      [6, 'wifi.passphrase'],
      [8, 'settings.video.width'],
      [10, 'settings.video.colour'],
      [12, 'settings.device.id'],
      [14, 'settings.audio'],
    ]
      .map(([line, at]) => (at === 'wifi.ssid' ? [null, at] : [line, at]))
      .sort((one, other) => Number(one[0] ?? 0) - Number(other[0] ?? 0)),
  );
  for (const { message, action } of problems) t.match([message, action], [/^\S.*\.$/, /^\S.*\.$/]);
});

t.test('what is no TOML: the line, and nothing is used', async (t) => {
  const { patch, problems, blanked } = readBootFile('name = "Town hall"\n\nwifi = \n');
  t.same(patch, {});
  t.match(problems, [{ line: 3, key: null, action: /line 3/ }]);
  t.equal(blanked, 'name = "Town hall"\n\nwifi = \n');
  t.match(readBootFile('name = "a"\nname = "b"').problems, [{ line: 2 }]);
});

t.test('hostile keys reach nothing', async (t) => {
  const { patch, problems } = readBootFile(
    '[settings]\n"__proto__" = { polluted = true }\nconstructor = 1\n[settings.video]\n"width.x" = 1\n',
  );
  t.same(patch, {});
  t.ok(problems.length >= 2);
  t.notOk('polluted' in {});
});

t.test('the shipped template is quiet, and right once its comments are taken away', async (t) => {
  const template = await readText('firmware/boot/onair.toml');
  t.same(readBootFile(template), {
    ...{ patch: {}, wifi: null, outputs: [], sshKeys: [], problems: [] },
    blanked: template,
  });
  const used = template
    .split('\n')
    .map((line) => line.replace(/^# (?=\[|\w+ = )/, ''))
    .filter((line) => !line.startsWith('ssh_key'))
    .join('\n');
  const { problems, patch, wifi, outputs } = readBootFile(used);
  t.same(problems, []);
  t.match(patch, {
    device: { name: 'Town hall' },
    network: { hostname: 'onair', wifi: { country: 'GB', accessPoint: false } },
    video: { width: 1280 },
  });
  t.match(wifi, { ssid: 'our network' });
  t.match(outputs, [{ name: 'YouTube', key: 'its stream key', enabled: true }]);
});

t.test('places are where the parser finds the values', async (t) => {
  const text = `a = 1 # one
"b c".d = 'it''s' # no
e = [ 1, # comment ]
  { f = "in a list" }, "]" ]
g = """ "quoted" ""\\" """
h = '''x'''
[t."u".v]
w = 1979-05-27 07:32:00
x={y="}", z = { zz = true } }
[[list]]
n = "\\"]"
`
    .replace(' # no', '')
    .replace("'it''s'", '"it\\"s"');
  const table = parse(text);
  const places = tomlPlaces(text).filter(({ path }) => path[0] !== 'list');
  t.ok(places.length >= 9);
  for (const { path, start, end } of places) {
    const value = path.reduce<unknown>((inner, name) => (inner as Record<string, unknown>)[name], table);
    t.same(parse(`x = ${text.slice(start, end)}`).x, value, path.join('.'));
  }
  t.same(
    tomlPlaces('\r\nk = 1\r\n\r\n[t]\r\nz = "é"\r\n').map(({ path, line }) => [path.join('.'), line]),
    [
      ['k', 2],
      ['t.z', 5],
    ],
  );
});

t.test('broken texts end the scan', async (t) => {
  for (const text of [
    '[',
    '= =',
    'a',
    'a = ',
    'a = "',
    'a = [',
    'a = {',
    'a = {b',
    "a = '''",
    ']',
    'a.b.',
    '\u0000',
  ])
    t.ok(Array.isArray(tomlPlaces(text)), JSON.stringify(text));
});

t.test('SSH keys: those that are some, without options; others’ lines stay', async (t) => {
  t.same(readSshKeys(key), { keys: [key], wrong: false });
  t.same(readSshKeys([key, `${key} two`]), { keys: [key, key], wrong: false });
  t.same(readSshKeys(''), { keys: [], wrong: false });
  for (const wrong of [
    7,
    'nonsense',
    `command="rm" ${key}`,
    `ssh-rsa ${key.split(' ')[1]}`,
    `${key}\n${key}`,
    'ssh-ed25519 AAAA',
  ])
    t.same(readSshKeys(wrong), { keys: [], wrong: true }, String(wrong).slice(0, 20));
  t.equal(withKeys('ssh-rsa AAAA kim\n', [key]), `ssh-rsa AAAA kim\n${key} onair.toml\n`);
  t.equal(withKeys(`ssh-rsa AAAA kim\n${key} onair.toml\n`, []), 'ssh-rsa AAAA kim\n');
});

t.test('a connection for NetworkManager: the name as bytes, the passphrase as it is', async (t) => {
  const text = connectionFile({ ssid: 'Ca\u0066é;\n', passphrase: '  a\\b ', hidden: true });
  t.match(text, '\nssid=67;97;102;195;169;59;10;\n');
  t.match(text, '\npsk=\\s\\sa\\\\b \n');
  t.match(text, '\nhidden=true\n');
  t.match(text, /\nuuid=[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}\n/);
  t.notMatch(connectionFile({ ssid: 'Café', passphrase: null, hidden: false }), /security|hidden/);
});

t.test('a second connection for a network that is WPA3 alone', async (t) => {
  const wifi = { ssid: 'Café', passphrase: 'correct horse', hidden: false };
  const [wpa2, wpa3] = [connectionFile(wifi), wpa3ConnectionFile(wifi) ?? ''];
  t.match(wpa2, '\nkey-mgmt=wpa-psk\npsk=correct horse\n');
  t.match(wpa3, '\nkey-mgmt=sae\npsk=correct horse\n');
  t.match(wpa3, '\nautoconnect-priority=-1\n', 'only where the other one is of no use');
  const uuidIn = (text: string) => /^uuid=.*$/m.exec(text)?.[0];
  t.not(uuidIn(wpa2), uuidIn(wpa3));
  t.equal(wpa3ConnectionFile({ ...wifi, passphrase: null }), null);
  t.equal(wpa3ConnectionFile({ ...wifi, hidden: true }), null, 'a hidden one is tried unheard, as both');
});
