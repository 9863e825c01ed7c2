import { stripVTControlCharacters } from 'node:util';
import makeQrCode from 'qrcode-generator';
import t, { type Test } from 'tap';
import { setSetting, showSettings } from '#cli/commands/settings.ts';
import { showStatus } from '#cli/commands/status.ts';
import { qrCode } from '#cli/demo/qr-code.ts';
import { lightLine, stateLine } from '#cli/demo/state-line.ts';
import { broadcastState } from '#core/domain/broadcast-state.ts';
import { initialSettings, listSettings } from '#core/domain/settings.ts';
import { linkStatusBody } from '#core/protocol/endpoints/box.ts';
import { fakeBox, json, linkStatus } from '#test/support/fake-box.ts';

t.setTimeout(20_000);

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
    const { api } = await fakeBox(t, { 'GET /api/v1/status': json(200, status) });
    const words = await showStatus(api, { json: false });
    for (const part of [
      /^Name +Stage \(onair\.local\)$/m,
      /^Page +http:\/\/localhost and http:\/\/192\.168\.1\.20$/m,
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
    t.same(JSON.parse(await showStatus(api, { json: true })), status);
  },
);

const settings = initialSettings({ deviceId: 'box-1', streamId: '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f' });

/** Sets one setting and returns the patch that the box was asked for. */
async function patchOf(t: Test, key: string, text: string): Promise<unknown> {
  const { api, asked } = await fakeBox(t, {
    'PATCH /api/v1/settings': json(200, { changed: [key], effect: 'none', confirmBy: null, notInUse: null }),
  });
  await setSetting(api, key, text);
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
  const { api, asked } = await fakeBox(t, {});
  for (const [key, value] of [
    ['nonsense', '1'],
    ['video', '{}'],
    ['__proto__', '1'],
    ['video.width', undefined],
    [undefined, undefined],
  ])
    await t.rejects(setSetting(api, key, value), { exitCode: 2, message: /\w/ }, `${key}`);
  t.same(asked, []);
});

t.test('the words for what a change took, and for none', async (t) => {
  const answer = { changed: ['x'], effect: 'pipeline', confirmBy: null, notInUse: null };
  const { api } = await fakeBox(t, {
    'PATCH /api/v1/settings': (_, response) => void response.end(JSON.stringify(answer)),
  });
  t.equal(
    await setSetting(api, 'video.width', '640'),
    'video.width is set, in force now; viewers saw a short gap.',
  );
  answer.changed = [];
  t.equal(await setSetting(api, 'video.width', '640'), 'video.width was that already.');
});

t.test('settings are listed with value, unit and meaning; one, a section, or all', async (t) => {
  const { api } = await fakeBox(t, { 'GET /api/v1/settings': json(200, settings) });
  t.match(await showSettings(api, 'video.width'), /^video\.width +1280 px +Width$/);
  t.equal((await showSettings(api, 'video')).split('\n').length, Object.keys(settings.video).length);
  t.equal((await showSettings(api, undefined)).split('\n').length, listSettings().length);
  await t.rejects(showSettings(api, 'vid'), { exitCode: 2, message: /\w/ });
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
