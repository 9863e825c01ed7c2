import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import t from 'tap';
import type { MediaRequest } from '#core/domain/media.ts';
import { ReasonError } from '#media/reason-error.ts';
import { reasonOf } from '#media/reasons.ts';
import { csiSensor, encoderNodes, hasLibcamera, microphone, videoNodes } from '#media/sources/devices.ts';
import { Machine } from '#media/sources/machine.ts';
import {
  checkFigures,
  resolveEncoder,
  resolvePictures,
  resolveSound,
  sourceName,
} from '#media/sources/resolve.ts';
import { mediaRequest } from '#test/support/media-daemon.ts';

interface VideoNodeFiles {
  name: string;
  index?: string;
  /** The udev record's capabilities; left out where udev knows nothing. */
  udev?: string;
  /** USB device and interface, such as "1-1.2:1.0". */
  usb?: string;
}

/** A board as its files: /dev, /sys, /proc and /run below one folder. Devices are links to /dev/null. */
function board(root: string) {
  const file = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  };
  const link = (path: string, to: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    symlinkSync(to, join(root, path));
  };
  return {
    machine: new Machine({ root }),
    file,
    video(entry: string, { name, index = '0', udev, usb }: VideoNodeFiles) {
      link(`dev/${entry}`, '/dev/null');
      file(`sys/class/video4linux/${entry}/name`, name);
      file(`sys/class/video4linux/${entry}/dev`, '1:3');
      file(`sys/class/video4linux/${entry}/index`, index);
      if (usb) link(`sys/class/video4linux/${entry}/device`, `../../../${usb}`);
      if (udev !== undefined) file('run/udev/data/c1:3', `S:v4l/by-id/x\nE:ID_V4L_CAPABILITIES=${udev}`);
    },
    sensor: (name: string) => file('sys/class/video4linux/v4l-subdev0/name', name),
    libcamera: () => file('usr/lib/aarch64-linux-gnu/gstreamer-1.0/libgstlibcamera.so', ''),
    card(number: number, line: string, usb?: string) {
      if (usb) link(`sys/class/sound/card${number}/device`, `../../../${usb}`);
      return line;
    },
  };
}

type Board = ReturnType<typeof board>;
async function resolve(
  { machine }: Board,
  video: Partial<MediaRequest['video']>,
  audio = 'auto',
  options: Parameters<typeof resolveEncoder>[2] = {},
) {
  const request = mediaRequest({ video, audio: { source: audio } });
  checkFigures(request);
  const pictures = await resolvePictures(request.video.source, machine);
  const sound = await resolveSound(request.audio.source, pictures, machine);
  const { encoder, standIn } = await resolveEncoder(request.video.encoder, machine, options);
  return { pictures, sound, encoder, standIn };
}

/** The reason for which this is refused. */
async function refusal(refused: Promise<unknown>) {
  const error = await refused.catch((thrown: unknown) => thrown);
  return error instanceof ReasonError ? error.reason : null;
}

t.test('test and file need no device', async (t) => {
  const on = board(t.testdir({ 'clip.mp4': 'x' }));
  t.match(await resolve(on, { source: 'test' }), {
    pictures: { kind: 'test' },
    sound: 'own',
    encoder: 'x264enc',
  });
  t.match(await resolve(on, { source: 'file:/clip.mp4' }), {
    pictures: { kind: 'file', path: '/clip.mp4' },
    sound: 'own',
  });
  t.match(await resolve(on, { source: 'test' }, 'none'), { sound: 'none' });
  t.match(await resolve(on, { source: 'file:/clip.mp4' }, 'test'), { sound: { kind: 'beep' } });
});

t.test('a relative path counts from where the daemon was started', async (t) => {
  const root = t.testdir();
  const on = board(root);
  on.file(join(process.cwd(), 'clips/a.mp4'), 'x');
  t.match(await resolve(on, { source: 'file:clips/a.mp4' }), {
    pictures: { kind: 'file', path: join(process.cwd(), 'clips/a.mp4') },
  });
});

t.test('auto on a board with nothing says what it looked for', async (t) => {
  t.match(await refusal(resolve(board(t.testdir()), { source: 'auto' })), {
    code: 'no-camera',
    message: /no CSI sensor.*no \/dev\/video\* device/,
  });
});

t.test('auto on a Pi: its codecs are no cameras', async (t) => {
  const on = board(t.testdir());
  on.video('video10', { name: 'bcm2835-codec-decode' });
  on.video('video11', { name: 'bcm2835-codec-encode' });
  on.video('video13', { name: 'bcm2835-isp-output0' });
  t.match(await refusal(resolve(on, { source: 'auto' })), {
    code: 'no-camera',
    message: /no \/dev\/video\* device that captures/,
  });
  t.same(await encoderNodes(on.machine), ['/dev/video11']);

  on.sensor('imx219 10-0010');
  t.match(await refusal(resolve(on, { source: 'auto' })), {
    code: 'no-camera',
    message: /sensor imx219 10-0010, but gstreamer1\.0-libcamera is not installed/,
  });
  t.equal(await hasLibcamera(on.machine), false);
  on.libcamera();
  t.match(await resolve(on, { source: 'auto' }), {
    pictures: { kind: 'csi' },
    sound: 'own',
    encoder: 'v4l2h264enc',
  });
  t.equal(await csiSensor(on.machine), 'imx219 10-0010');
  t.match(await resolve(on, { source: 'auto', encoder: 'x264enc' }), { encoder: 'x264enc' });
  t.match(await resolve(on, { source: 'auto' }, 'auto', { avoidance: reasonOf('encoder-gave-up') }), {
    encoder: 'x264enc',
    standIn: { code: 'encoder-gave-up' },
  });
});

t.test('auto with a USB camera takes its picture node and its microphone', async (t) => {
  const on = board(t.testdir());
  on.video('video11', { name: 'bcm2835-codec-encode' });
  on.video('video0', { name: 'HD Webcam', index: '0', usb: '1-1.2:1.0' });
  on.video('video1', { name: 'HD Webcam', index: '1', usb: '1-1.2:1.0' });
  const cards = [
    on.card(0, '00-00: bcm2835 Headphones : bcm2835 Headphones : playback 8'),
    on.card(1, '01-00: USB Audio : USB Audio : playback 1 : capture 1', '1-1.3:1.0'),
    on.card(2, '02-00: USB Audio : USB Audio : capture 1', '1-1.2:1.2'),
  ];
  on.file('proc/asound/pcm', cards.join('\n'));
  t.same(
    (await videoNodes(on.machine)).map(({ path, capture }) => [path, capture]),
    [
      ['/dev/video0', true],
      ['/dev/video1', false],
      ['/dev/video11', false],
    ],
  );
  t.match(await resolve(on, { source: 'auto' }), {
    pictures: { kind: 'v4l2', device: '/dev/video0' },
    sound: { kind: 'microphone', device: 'plughw:2,0' },
  });
  t.equal(
    await microphone(on.machine, null),
    'plughw:1,0',
    'without a camera of its own: the first that records',
  );
});

t.test('what udev learnt from the driver outweighs guesses', async (t) => {
  const on = board(t.testdir());
  on.video('video0', { name: 'Strange device', index: '0', udev: ':' });
  t.match(await refusal(resolve(on, { source: 'v4l2:/dev/video0' })), { code: 'source-not-capture' });
  const other = board(t.testdir());
  other.video('video0', { name: 'Strange device', index: '7', udev: ':capture:' });
  t.match(await resolve(other, { source: 'v4l2:/dev/video0' }), { pictures: { device: '/dev/video0' } });
});

t.test('a link below /dev/v4l/by-id is followed to the node of the day', async (t) => {
  const root = t.testdir();
  const on = board(root);
  on.video('video2', { name: 'HD Webcam' });
  mkdirSync(join(root, 'dev/v4l/by-id'), { recursive: true });
  symlinkSync('../../video2', join(root, 'dev/v4l/by-id/usb-cam-index0'));
  t.match(await resolve(on, { source: 'v4l2:/dev/v4l/by-id/usb-cam-index0' }), {
    pictures: { device: '/dev/video2' },
  });
});

t.test('a device that is none, and an encoder that is not there', async (t) => {
  const on = board(t.testdir({ dev: { disk: 'a file', empty: {} } }));
  for (const [source, code] of [
    ['v4l2:/dev/video0', 'source-missing'],
    ['v4l2:/dev/disk', 'source-not-capture'],
    ['v4l2:/dev/empty', 'source-not-capture'],
    ['file:/dev/video0', 'clip-missing'],
    ['file:/dev/empty', 'clip-not-file'],
  ] as const) {
    t.match(await refusal(resolve(on, { source })), { code }, source);
  }
});

t.test('no broadcast waits for hardware: x264enc stands in for it, and says why', async (t) => {
  const on = board(t.testdir());
  t.match(
    await resolve(on, { source: 'test' }),
    { encoder: 'x264enc', standIn: null },
    'none was wished for',
  );
  const missing = { encoder: 'x264enc', standIn: { code: 'encoder-missing' } };
  t.match(await resolve(on, { source: 'test', encoder: 'v4l2h264enc' }), missing);
  t.match(await resolve(on, { source: 'test' }, 'auto', { isExpected: true }), missing, 'it is gone');
});

t.test('what others publish, and what is pulled, is there when it comes', async (t) => {
  const on = board(t.testdir());
  for (const kind of ['rtmp', 'srt', 'whip'] as const)
    t.match(await resolve(on, { source: kind }), { pictures: { kind } });
  const camera = 'rtsp://user:secret@192.0.2.7:554/stream?channel=1';
  t.match(await resolve(on, { source: camera }), { pictures: { kind: 'rtsp', url: camera } });
  t.equal(sourceName({ kind: 'rtsp', url: camera }), 'rtsp://192.0.2.7:554/stream', 'no password, no query');
  t.match(await resolve(on, { source: 'srt://192.0.2.7:9000' }), { pictures: { kind: 'srt-caller' } });
});
