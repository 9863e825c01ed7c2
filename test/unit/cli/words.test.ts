import { stripVTControlCharacters } from 'node:util';
import makeQrCode from 'qrcode-generator';
import t, { type Test } from 'tap';
import { qrCode } from '#cli/demo/qr-code.ts';
import { lightLine, stateLine } from '#cli/demo/state-line.ts';
import { commands } from '#cli/table.ts';
import { broadcastState } from '#core/domain/broadcast-state.ts';
import { initialSettings, listSettings } from '#core/domain/settings.ts';
import { linkStatusBody } from '#core/protocol/endpoints/box.ts';
import { fakeBox, json, linkStatus } from '#test/support/fake-box.ts';
import { shell } from '#test/support/shell.ts';

t.setTimeout(20_000);

/** `onair ARGS` on that box. */
const onBox = ({ runtimeDirectory }: { runtimeDirectory: string }, ...args: string[]) =>
  shell([...args, '--state', runtimeDirectory]);

const noon = new Date(2026, 0, 2, 12, 0, 1);
const reason = { code: 'no-camera', message: 'There is no camera.', action: 'Plug one in.' };

const lines: [string, Parameters<typeof linkStatus>[0], string][] = [
  ['offline', { state: 'offline' }, '12:00:01  offline   ready, 1 viewer'],
  ['starting', { state: 'starting' }, '12:00:01  starting  waiting for the first picture'],
  ['starting with trouble', { state: 'starting', reason }, '12:00:01  starting  There is no camera.'],
  ['live', { state: 'live' }, '12:00:01  live      1280x720, 30 fps, 1 viewer'],
  ['retrying', { state: 'retrying', reason }, '12:00:01  retrying  There is no camera.'],
  ['retrying without a reason', { state: 'retrying' }, '12:00:01  retrying  pictures are missing'],
  ['stopping', { state: 'stopping' }, '12:00:01  stopping  ending the broadcast'],
  ['failed', { state: 'failed', reason }, '12:00:01  failed    There is no camera. Plug one in.'],
];
for (const [what, broadcast, line] of lines) {
  t.test(`one line for ${what}`, (t) => {
    t.equal(stateLine(linkStatus(broadcast), noon), line);
    t.end();
  });
}

t.test('every state has its line, every light its words', (t) => {
  for (const state of broadcastState.options)
    t.match(stateLine(linkStatus({ state }), noon), /^12:00:01 {2}\w+ +(\S.*)?$/);
  const watched = linkStatus();
  watched.audience.viewers = 2;
  t.match(stateLine(watched, noon), /2 viewers$/);
  t.equal(
    lightLine({ red: 'on', green: [200, 200, 200, 1_400] }, noon),
    '12:00:01  lights    red on, green flashes 2x every 2 s',
  );
  t.end();
});

t.test(
  'status in words names the state, the reason, and who is away; --json is the status itself',
  async (t) => {
    const status = linkStatus({ state: 'failed', reason });
    t.same(linkStatusBody.parse(status), status, 'the fixture is a status');
    status.telemetry = { batteryPercent: 40, temperatureCelsius: 81.4, throttled: true, underVoltage: true };
    const { paths } = await fakeBox(t, { 'GET /api/v1/status': json(200, status) });
    const { stdout: words } = await onBox(paths, 'status');
    for (const part of [
      /^Name +Stage \(onair\.local\)$/m,
      /^Page +http:\/\/localhost {2}or {2}http:\/\/192\.168\.1\.20$/m,
      /^State +failed$/m,
      /^Why +There is no camera\.$/m,
      /^To do +Plug one in\.$/m,
      /^Viewers +1 now, 3 at most, 10 allowed$/m,
      /^Battery +40 %$/m,
      /^Heat +81 °C, too hot: throttled$/m,
      /^Power +too weak/m,
      /^Services +control \(1\), media is away$/m,
    ])
      t.match(words, part);
    t.same(JSON.parse((await onBox(paths, 'status', '--json')).stdout), status);
  },
);

const settings = initialSettings({ deviceId: 'box-1', streamId: '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f' });

/** Sets one setting and returns the patch that the box was asked for. */
async function patchOf(t: Test, key: string, text: string): Promise<unknown> {
  const { paths, asked } = await fakeBox(t, {
    'PATCH /api/v1/settings': json(200, { changed: [key], effect: 'none', confirmBy: null, notInUse: null }),
  });
  await onBox(paths, 'settings', 'set', key, text);
  return JSON.parse(asked[0]?.body ?? '');
}

t.test('a value is JSON where that fits the setting, else the text as it is', async (t) => {
  const cases: [string, string, unknown][] = [
    ['video.width', '640', { video: { width: 640 } }],
    ['video.width', 'wide', { video: { width: 'wide' } }],
    ['broadcast.title', 'Match', { broadcast: { title: 'Match' } }],
    ['broadcast.title', '2026', { broadcast: { title: '2026' } }],
    ['broadcast.title', 'true', { broadcast: { title: 'true' } }],
    ['broadcast.title', '"in quotes"', { broadcast: { title: 'in quotes' } }],
    ['broadcast.title', 'null', { broadcast: { title: null } }],
    ['viewing.pin', '0123', { viewing: { pin: '0123' } }],
    ['viewing.pin', '1234', { viewing: { pin: '1234' } }],
    ['broadcast.resumeOnBoot', 'true', { broadcast: { resumeOnBoot: true } }],
    ['network.allowedHosts', '["a.example"]', { network: { allowedHosts: ['a.example'] } }],
    ['webrtc.turn.secret', 'hush', { webrtc: { turn: { secret: 'hush' } } }],
    ['video.source', 'v4l2:/dev/video0', { video: { source: 'v4l2:/dev/video0' } }],
  ];
  for (const [key, text, patch] of cases) t.same(await patchOf(t, key, text), patch, `${key} ${text}`);
});

t.test('what is no setting is wrong usage, and the box is not asked', async (t) => {
  const { paths, asked } = await fakeBox(t, {});
  for (const args of [['nonsense', '1'], ['video', '{}'], ['__proto__', '1'], ['video.width'], []])
    t.match(await onBox(paths, 'settings', 'set', ...args), { exitCode: 2, stderr: /\w/ }, `${args}`);
  t.same(asked, []);
});

t.test('the words for what a change took, and for none', async (t) => {
  const answer = { changed: ['x'], effect: 'pipeline', confirmBy: null, notInUse: null };
  const { paths } = await fakeBox(t, {
    'PATCH /api/v1/settings': (_, response) => void response.end(JSON.stringify(answer)),
    'GET /api/v1/settings': json(200, settings),
  });
  t.match(await onBox(paths, 'settings', 'set', 'video.width', '640'), {
    stdout: 'video.width is set, in force now; viewers saw a short gap.',
  });
  answer.changed = [];
  t.match(await onBox(paths, 'settings', 'set', 'video.width', '640'), {
    stdout: 'video.width was that already.',
  });
});

t.test('settings are listed with value, unit and meaning; one, a section, or all', async (t) => {
  const { paths } = await fakeBox(t, { 'GET /api/v1/settings': json(200, settings) });
  const get = async (...args: string[]) => (await onBox(paths, 'settings', 'get', ...args)).stdout;
  t.match(await get('video.width'), /^video\.width +1280 px +Width$/);
  t.equal((await get('video')).split('\n').length, Object.keys(settings.video).length);
  t.equal((await get()).split('\n').length, listSettings().length);
  t.match(await onBox(paths, 'settings', 'get', 'vid'), { exitCode: 2, stderr: /\w/ });
  t.same(JSON.parse(await get('--json')), settings, 'the answer of the API');
});

t.test('what a command does not take is refused, and each takes --json', async (t) => {
  const { paths, asked } = await fakeBox(t, {
    'GET /api/v1/status': json(200, linkStatus()),
    'GET /api/v1/logs?lines=1&daemon=nope': (_, response) => void response.end(''),
    'GET /api/v1/operators': json(200, { operators: [] }),
  });
  for (const [args, why] of [
    [['status', 'now'], /now is too much\. Usage: onair status/],
    [['status', '--hidden'], /status takes no --hidden\. Usage: onair status/],
    [['press', 'hard'], /hard is too much/],
    [['press', '--follow'], /press takes no --follow/],
    [['wifi', 'join', 'Kitchen', 'secret words'], /too much\. Usage: onair wifi join SSID \[--hidden\]/],
    [['outputs', 'add', 'A', 'rtmp://a/b', 'key'], /too much/],
    [['operators', 'banish'], /Usage: onair operators/],
    [['restart', 'everything'], /WHAT must be one of box, services\. Usage/],
    [['nonsense'], /There is no command nonsense\. See onair help\./],
  ] as const)
    t.match(await onBox(paths, ...args), { exitCode: 2, stdout: '', stderr: why }, args.join(' '));
  t.same(asked, [], 'the box was not asked');
  t.match(await onBox(paths, 'logs', 'nope'), {
    exitCode: 1,
    stderr: 'onair: There is no service nope. There are: control, media.',
  });
  t.same(JSON.parse((await onBox(paths, 'operators', '--json')).stdout), { operators: [] });
  t.same(JSON.parse((await onBox(paths, 'operators', 'list', '--json')).stdout), { operators: [] });
});

t.test('help comes from the table: all of it, and of one command', async (t) => {
  const whole = await shell(['help']);
  for (const { method, hidden } of commands.filter((one) => !one.hidden || one.method.includes('.')))
    t.equal(whole.stdout.includes(`onair ${method.replaceAll('.', ' ')} `), !hidden, method);
  t.match(await shell(['help', 'wifi', 'join']), {
    stdout: /^onair wifi join SSID \[--hidden\] {2}.*--hidden/s,
  });
  t.match(await shell(['logs', '--help']), { exitCode: 0, stdout: /-f, --follow {2}/ });
  t.match(await shell(['help', 'me']), {
    exitCode: 2,
    stderr: 'onair: There is no command me. onair help shows them all.',
  });
});

t.test('the QR code is that of its text, in half-blocks, with a margin', (t) => {
  for (const text of [
    'http://192.168.1.20',
    'http://[2001:db8::1234]:8080',
    `http://${'x'.repeat(120)}.local`,
  ]) {
    const code = makeQrCode(0, 'M');
    code.addData(text);
    code.make();
    const size = code.getModuleCount();
    const lines = qrCode(text).split('\n').map(stripVTControlCharacters);
    t.equal(lines.length, Math.ceil((size + 4) / 2));
    const light = { '█': [true, true], '▀': [true, false], '▄': [false, true], ' ': [false, false] };
    const wrong: string[] = [];
    for (const [row, line] of lines.entries()) {
      if (line.length !== size + 4) wrong.push(`row ${row}`);
      for (const [column, character] of [...line].entries())
        for (const half of [0, 1]) {
          const [y, x] = [row * 2 + half - 2, column - 2];
          const inside = y >= 0 && x >= 0 && y < size && x < size;
          const dark = inside && code.isDark(y, x);
          if (light[character as keyof typeof light]?.[half] === dark) wrong.push(`${x},${y}`);
        }
    }
    t.same(wrong, [], text.slice(0, 30));
  }
  t.end();
});
