import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import {
  encoderControls,
  HardwareEncoder,
  loadV4l2Addon,
  type ProbedEncoder,
  type V4l2Addon,
} from '#media/encoder/hardware-encoder.ts';
import { buildSystemAddons } from '../../../../bin/system-addon.mjs';

const path = '/dev/video11';
const small = { width: 320, height: 180, framesPerSecond: 10, bitrateKbps: 300, keyFrameIntervalSeconds: 1 };
/** V4L2's menu indices of the levels 1.0 to 4.0: what the Raspberry Pi's encoder offers, without those above. */
const upToFour = [...Array(12).keys()];
const raspberryPi: ProbedEncoder = {
  card: 'bcm2835-codec-encode',
  takesSize: true,
  levels: upToFour,
  controls: Object.values(encoderControls),
};

function encoderThat(says: Partial<ProbedEncoder> | { code: string }) {
  const set: [string, number, number][] = [];
  const addon: V4l2Addon = {
    probe() {
      if ('code' in says) throw Object.assign(new Error(says.code), says);
      return { ...raspberryPi, ...says };
    },
    setControl: (...control) => set.push(control),
  };
  return { encoder: new HardwareEncoder({ addon, path }), set };
}

t.test('an encoder that can do it is used at the lowest level from 4 on that suffices', async (t) => {
  t.same(encoderThat({}).encoder.fit(small), { level: '4' });
  t.same(encoderThat({}).encoder.fit({ ...small, width: 1920, height: 1080, framesPerSecond: 30 }), {
    level: '4',
  });
  const fast = { ...small, width: 1920, height: 1080, framesPerSecond: 60 };
  t.same(encoderThat({ levels: [...upToFour, 12, 13, 14] }).encoder.fit(fast), { level: '4.2' });
  t.match(encoderThat({}).encoder.fit(fast), {
    code: 'encoder-level',
    detail: '1920x1080 at 60 pictures/s and 300 kbit/s',
  });
  t.same(
    encoderThat({ levels: [0, 8, 9] }).encoder.fit(small),
    { level: '3.1' },
    'below 4 where there is no 4',
  );
  t.same(
    encoderThat({ levels: [0, 1, 2] }).encoder.fit(small),
    { code: 'encoder-level', detail: '320x180 at 10 pictures/s and 300 kbit/s' },
    'never below 3',
  );
});

t.test('an encoder that cannot do it says why', async (t) => {
  for (const [says, code] of [
    [{ takesSize: false }, 'encoder-size'],
    [{ controls: [encoderControls.bitrate] }, 'encoder-no-key-frames'],
    [{ code: 'EBUSY' }, 'encoder-busy'],
    [{ code: 'EACCES' }, 'encoder-denied'],
    [{ code: 'ENODEV' }, 'encoder-missing'],
    [{ code: 'ENOTTY' }, 'encoder-missing'],
  ] as const) {
    t.match(encoderThat(says).encoder.fit(small), { code }, code);
  }
});

t.test('controls of the running encoder, in bit/s', async (t) => {
  const { encoder, set } = encoderThat({});
  encoder.setBitrate(1_500);
  encoder.forceKeyFrame();
  t.same(set, [
    [path, 0x9909cf, 1_500_000],
    [path, 0x9909e5, 1],
  ]);
});

t.test('without the addon nothing is known before', async (t) => {
  const encoder = new HardwareEncoder({ addon: null, path });
  t.same(encoder.fit(small), { level: '4' });
  t.equal(encoder.hasControls, false);
});

const folder = await mkdtemp(join(tmpdir(), 'onair-v4l2-'));
t.teardown(() => rm(folder, { recursive: true }));
const built = await buildSystemAddons(folder);

t.test('the addon asks the system', { skip: built.length === 0 && 'no compiler here' }, async (t) => {
  const addon = loadV4l2Addon(join(folder, 'v4l2.node'));
  t.throws(() => addon?.probe('/dev/null', 320, 180), { code: 'ENOTTY' }, 'no video device');
  t.throws(() => addon?.probe(join(folder, 'none'), 320, 180), { code: 'ENOENT' });
  t.throws(
    () => addon?.setControl(join(folder, 'v4l2.node'), encoderControls.bitrate, 1),
    { code: 'ENOENT' },
    'not open',
  );
});
