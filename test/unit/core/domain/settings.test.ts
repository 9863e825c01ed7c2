import { readdir } from 'node:fs/promises';
import t from 'tap';
import { z } from 'zod';
import { initialSettings, listSettings, settingsSchema } from '#core/domain/settings.ts';

const identity = { deviceId: 'box-1', streamId: '4f1d3c1a-2b5e-4c3d-8e9f-0a1b2c3d4e5f' };
const initial = () => initialSettings(identity);

/** The settings with one value put in. */
function withValue(key: string, value: unknown): unknown {
  const settings = structuredClone(initial()) as Record<string, unknown>;
  const path = key.split('.');
  const last = path.pop() ?? '';
  let inner = settings;
  for (const name of path) inner = inner[name] as Record<string, unknown>;
  inner[last] = value;
  return settings;
}

const accepts = (key: string, value: unknown): boolean =>
  settingsSchema.safeParse(withValue(key, value)).success;

const bounds: { key: string; good: unknown[]; bad: unknown[] }[] = [
  { key: 'device.name', good: ['O', 'x'.repeat(64), 'Küche 🎥'], bad: ['', 'x'.repeat(65), 'a\nb', null, 7] },
  { key: 'broadcast.title', good: ['', 'x'.repeat(128)], bad: ['x'.repeat(129), 'a\u0000b', 'a\u007fb'] },
  { key: 'broadcast.description', good: ['', 'x'.repeat(1024)], bad: ['x'.repeat(1025), 'two\r\nlines'] },
  { key: 'broadcast.resumeOnBoot', good: [true, false], bad: ['true', 1, null] },
  {
    key: 'video.source',
    good: [
      ...['test', 'auto', 'csi', 'rtmp', 'srt', 'whip', 'file:/a b/c.mp4', 'v4l2:/dev/video0'],
      ...['v4l2:/dev/v4l/by-id/usb-1.2', 'rtsp://user:pass@cam.lan:554/s?channel=1', 'srt://192.0.2.1:9000'],
    ],
    bad: [
      '',
      'file:',
      'v4l2:video0',
      'v4l2:/dev/video0 ! fakesink',
      'v4l2:/etc/passwd',
      'http://x',
      'rtsp://',
      'rtsp:///x',
      'srt://a b',
      'test\n',
      'file:a\0b',
    ],
  },
  { key: 'video.width', good: [160, 1920], bad: [158, 1922, 161, 640.5, '640', null] },
  { key: 'video.height', good: [120, 1920], bad: [118, 1922, 121] },
  { key: 'video.framesPerSecond', good: [5, 60], bad: [4, 61, 29.97] },
  { key: 'video.bitrateKbps', good: [100, 25_000], bad: [99, 25_001, Number.NaN, Number.POSITIVE_INFINITY] },
  { key: 'video.encoder', good: ['auto', 'x264enc', 'v4l2h264enc'], bad: ['fakesink', 'X264enc'] },
  { key: 'video.rotate', good: [0, 90, 180, 270], bad: [45, 360, -90, '90'] },
  { key: 'video.keyFrameIntervalSeconds', good: [0.5, 2.5, 10], bad: [0.4, 10.1, 0] },
  {
    key: 'audio.source',
    good: ['auto', 'none', 'test', 'alsa:hw:1,0'],
    bad: ['alsa:', 'alsa:x ! y', 'pulse'],
  },
  { key: 'audio.bitrateKbps', good: [16, 320], bad: [15, 321] },
  { key: 'viewing.access', good: ['open', 'pin'], bad: ['closed', null] },
  {
    key: 'viewing.pin',
    good: [null, '1234', '123456789012'],
    bad: ['123', '1234567890123', '12a4', 1234, ''],
  },
  { key: 'viewing.maxViewers', good: [1, 10_000], bad: [0, 10_001, 1.5] },
  { key: 'hls.partMs', good: [100, 1_000], bad: [99, 1_001] },
  { key: 'hls.segmentMs', good: [500, 10_000], bad: [499, 10_001] },
  { key: 'hls.windowSeconds', good: [6, 120], bad: [5, 121] },
  { key: 'webrtc.engine', good: ['native', 'node-datachannel', 'werift'], bad: ['libwebrtc'] },
  { key: 'webrtc.port', good: [0, 8189, 65_535], bad: [-1, 65_536, '8189'] },
  {
    key: 'webrtc.bindAddress',
    good: [null, '127.0.0.1', '::1', 'fe80::1'],
    bad: ['', 'localhost', '256.1.1.1', '127.0.0.1:80'],
  },
  {
    key: 'webrtc.iceServers',
    good: [[], [{ urls: 'stun:stun.example.org' }], [{ urls: ['stun:a', 'stun:b:3478'] }]],
    bad: [
      [{ urls: 'http://a' }],
      [{ urls: 'stun:a>; rel="next"' }],
      [{ urls: 'stun:a\r\nset-cookie: x' }],
      [{}],
      ['stun:a'],
      Array(9).fill({ urls: 'stun:a' }),
    ],
  },
  {
    key: 'webrtc.turn.urls',
    good: [[], ['turn:turn.example.org:3478?transport=udp', 'turns:[::1]:5349']],
    bad: [['turn.example.org'], ['turn:a b'], 'turn:a', Array(9).fill('turn:a')],
  },
  { key: 'webrtc.turn.secret', good: [null, 'x'.repeat(256)], bad: ['x'.repeat(257), 5] },
  {
    key: 'network.hostname',
    good: ['onair', 'a', 'a-1', 'x'.repeat(63)],
    bad: ['', '-a', 'a-', 'A', 'a.b', 'a_b', 'x'.repeat(64), 'a b'],
  },
  {
    key: 'network.allowedHosts',
    good: [[], ['cam.example.org']],
    bad: [['x'.repeat(254)], 'a', Array(33).fill('a')],
  },
];

for (const { key, good, bad } of bounds) {
  t.test(`${key} takes what is in its bounds and nothing else`, (t) => {
    for (const value of good) t.ok(accepts(key, value), `${JSON.stringify(value)?.slice(0, 60)} is taken`);
    for (const value of bad) t.notOk(accepts(key, value), `${JSON.stringify(value)?.slice(0, 60)} is not`);
    t.end();
  });
}

/** Every value that is no object of the schema's own: counted without listSettings. */
function leafKeys(schema: z.ZodType, path: string[] = []): string[] {
  if (schema instanceof z.ZodPrefault) return leafKeys(schema.def.innerType as z.ZodType, path);
  if (!(schema instanceof z.ZodObject)) return [path.join('.')];
  return Object.entries(schema.shape).flatMap(([name, inner]) =>
    leafKeys(inner as z.ZodType, [...path, name]),
  );
}

t.test('every setting is listed with what people read of it', (t) => {
  const listed = listSettings();
  t.same(
    listed.map(({ key }) => key),
    leafKeys(settingsSchema),
  );
  for (const { key, meta } of listed) {
    t.match(meta.description, /^\S.*\S$/, key);
    t.ok(['none', 'pipeline', 'address'].includes(meta.effect), key);
  }
  const keysWith = (flag: 'secret' | 'fixed') =>
    listed.filter(({ meta }) => meta[flag]).map(({ key }) => key);
  t.same(keysWith('fixed'), ['device.id', 'broadcast.streamId']);
  const secrets = keysWith('secret');
  for (const key of listed.map((one) => one.key)) {
    if (/pin$|secret|password|passphrase|\.key$/i.test(key)) t.ok(secrets.includes(key), `${key} is secret`);
  }
  t.end();
});

t.test('a box begins with its identity and the documented defaults', (t) => {
  const settings = initial();
  t.match(settings, {
    device: { id: identity.deviceId, name: 'Onair' },
    broadcast: { streamId: identity.streamId, resumeOnBoot: false },
    video: { source: 'auto', width: 1280, height: 720, framesPerSecond: 30 },
    viewing: { access: 'open', pin: null, maxViewers: 10 },
    webrtc: { port: 8189, iceServers: [], turn: { urls: [], secret: null } },
    network: { hostname: 'onair', allowedHosts: [] },
  });
  t.same(settingsSchema.parse(settings), settings, 'they are what they parse to');
  t.throws(() => settingsSchema.parse({}), 'an identity is never made by default');
  t.end();
});

t.test('unknown keys are no error: a newer version may have written them', (t) => {
  const parsed = settingsSchema.parse({ ...initial(), future: { a: 1 }, video: { zoom: 2 } });
  t.notOk('future' in parsed);
  t.same(parsed.video, initial().video);
  t.end();
});

t.test('each chapter is a file of its name, and no file is left out', async (t) => {
  const files = await readdir(new URL('../../../../services/core/domain/settings', import.meta.url));
  t.same(
    files.sort(),
    Object.keys(settingsSchema.shape)
      .map((chapter) => `${chapter}.ts`)
      .sort(),
  );
});
