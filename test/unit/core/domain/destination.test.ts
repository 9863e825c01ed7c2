import t from 'tap';
import { parseDestination, rtmpTarget, srtTarget } from '#core/domain/destination.ts';
import { OnairError } from '#core/domain/errors.ts';
import { outputPresets, presetComplaints, presetOf } from '#core/domain/output-presets.ts';

t.test('an address is taken apart into what may be shown and what may not', async (t) => {
  const table: [string, string | null, object][] = [
    ['rtmp://a.example/live/KEY', null, { kind: 'rtmp', url: 'rtmp://a.example/live', key: 'KEY' }],
    [
      'rtmps://a.example:443/live2/x/KEY?a=b/c',
      null,
      { url: 'rtmps://a.example:443/live2/x', key: 'KEY?a=b/c' },
    ],
    ['rtmp://a.example/live/KEY?a=b', null, { url: 'rtmp://a.example/live', key: 'KEY?a=b' }],
    ['rtmp://a.example/live/', 'a key 100% %41', { url: 'rtmp://a.example/live', key: 'a key 100% %41' }],
    ['rtmp://u:p@a.example/live/KEY', null, { url: 'rtmp://a.example/live', key: 'KEY', extra: 'u:p' }],
    ['rtmp://[::1]:1935/live/KEY', null, { url: 'rtmp://[::1]:1935/live', key: 'KEY' }],
    ['  RTMP://127.0.0.1/live/Key ', null, { url: 'rtmp://127.0.0.1/live', key: 'Key' }],
    [
      'srt://10.0.0.1:9000?streamid=publish:cam&passphrase=0123456789&latency=400',
      null,
      { kind: 'srt', url: 'srt://10.0.0.1:9000?latency=400', key: '0123456789', extra: 'publish:cam' },
    ],
    ['srt://a.example:9000?mode=caller', null, { url: 'srt://a.example:9000', key: null, extra: null }],
    [
      'https://a.example/whip/room?t=1',
      'TOKEN',
      { kind: 'whip', url: 'https://a.example/whip/room', key: 'TOKEN', extra: 't=1' },
    ],
  ];
  for (const [url, key, expected] of table) t.match(parseDestination(url, key), expected, url);
});

t.test('what is shown has nothing of the key in it, whatever the address', async (t) => {
  for (const url of [
    'rtmp://user:SECRET@a.example/live/SECRET?auth=/SECRET/SECRET',
    'srt://a.example:1?streamid=SECRET&passphrase=SECRETSECRET',
    'https://a.example/whip?token=SECRET',
  ]) {
    t.notMatch(parseDestination(url, null).url, /SECRET/, url);
  }
});

t.test('what is no destination is refused in words', async (t) => {
  for (const [url, key] of [
    ['', null],
    ['file:///etc/passwd', null],
    ['javascript:alert(1)', null],
    ['rtmp://', null],
    ['rtmp://a.example', null],
    ['rtmp://a.example/live', null],
    ['rtmp://a.example/live/', null],
    ['rtmp://a.example:99999/live/KEY', null],
    ['rtmp://a b.example/live/KEY', null],
    ['rtmp://a.example/live/KEY\nstart', null],
    ['rtmp://a.example/live', 'KEY\nhost 10.0.0.1'],
    ['srt://a.example', null],
    ['srt://a.example:9000/path', null],
    ['srt://a.example:9000?mode=listener', null],
    ['srt://a.example:9000?passphrase=short', null],
    ['srt://a.example:9000?latency=99999999', null],
    ['https://user@a.example/whip', null],
    [`rtmp://a.example/live/${'x'.repeat(2_000)}`, null],
  ] as const) {
    try {
      parseDestination(url, key);
      t.fail(`${url} was taken`);
    } catch (error) {
      t.ok(error instanceof OnairError && error.code === 'invalid-message', url.slice(0, 60));
      t.notMatch(String(error), /KEY/, 'the key is not in the message');
    }
  }
});

t.test('what a process is told', async (t) => {
  t.strictSame(rtmpTarget('rtmps://a.example/live2/x'), {
    kind: 'rtmps',
    host: 'a.example',
    port: 443,
    application: 'live2/x',
  });
  t.match(rtmpTarget('rtmp://[::1]/live'), { kind: 'rtmp', host: '::1', port: 1_935 });
  t.strictSame(srtTarget('srt://a.example:9000?latency=400'), {
    host: 'a.example',
    port: 9_000,
    latencyMs: 400,
  });
});

t.test('presets', async (t) => {
  for (const preset of outputPresets) {
    const { url } = parseDestination(preset.url, 'KEY');
    t.equal(presetOf(url)?.id, preset.id, 'known again by its address');
    t.strictSame(presetComplaints(preset, { keyFrameIntervalSeconds: 1, bitrateKbps: 3_000 }), []);
  }
  const [twitch] = outputPresets.filter(({ id }) => id === 'twitch');
  if (!twitch) throw new Error('no twitch');
  t.equal(presetComplaints(twitch, { keyFrameIntervalSeconds: 5, bitrateKbps: 9_000 }).length, 2);
  t.equal(presetOf('rtmp://127.0.0.1/live'), null);
});
