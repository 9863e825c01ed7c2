import t from 'tap';
import { cameraText } from '#media/sources/camera-source.ts';
import { clipText } from '#media/sources/clip-source.ts';
import type { SourcePlan } from '#media/sources/contract.ts';

const video = (change: Partial<SourcePlan['video']> = {}): SourcePlan['video'] => ({
  width: 1280,
  height: 720,
  framesPerSecond: 30,
  rotate: 0,
  ...change,
});
const queue = 'queue leaky=downstream max-size-buffers=2 max-size-bytes=0 max-size-time=0';
const raw = (width: number, height: number) => `width=${width},height=${height},framerate=30/1`;
const out = (width: number, height: number) =>
  `video/x-raw,format=I420,${raw(width, height)},pixel-aspect-ratio=1/1,colorimetry=bt709`;
const end = 'gdppay crc-header=false ! appsink name=pictures sync=false async=false max-buffers=2 drop=false';
const usb = (width: number, height: number, device = '/dev/video0') =>
  `v4l2src name=camera device=${device} ! capsfilter caps="video/x-raw,${raw(width, height)};image/jpeg,${raw(width, height)};video/x-raw;image/jpeg" ! decodebin ! ${queue}`;
const convert = 'videoconvert';

t.test('a USB camera', async (t) => {
  t.equal(
    cameraText({ kind: 'v4l2', device: '/dev/video0' }, video()),
    `${usb(1280, 720)} ! ${convert} ! videoscale add-borders=true ! videorate skip-to-first=true ! ${out(1280, 720)} ! ${end}`,
  );
});

t.test('a camera on its side is asked for the turned size', async (t) => {
  t.equal(
    cameraText({ kind: 'v4l2', device: '/dev/video2' }, video({ rotate: 90, width: 720, height: 1280 })),
    `${usb(1280, 720, '/dev/video2')} ! ${convert} ! videoflip video-direction=90r ! videoscale add-borders=true ! videorate skip-to-first=true ! ${out(720, 1280)} ! ${end}`,
  );
});

t.test('the CSI camera upside down', async (t) => {
  t.equal(
    cameraText({ kind: 'csi' }, video({ rotate: 180 })),
    `libcamerasrc name=camera ! video/x-raw,format=NV12,${raw(1280, 720)},colorimetry=bt709,interlace-mode=progressive ! ${queue} ! ${convert} ! videoflip video-direction=180 ! videoscale add-borders=true ! videorate skip-to-first=true ! ${out(1280, 720)} ! ${end}`,
  );
});

t.test('a clip, with and without its sound', async (t) => {
  const decode = 'filesrc name=clip ! decodebin name=decoder';
  const pictures = (turn = '') =>
    `decoder. ! ${convert} ! videoflip video-direction=auto ! ${turn}videoscale add-borders=true ! videorate ! ${out(1280, 720)} ! appsink name=clip-pictures sync=false async=false max-buffers=4`;
  const sound =
    'decoder. ! audioconvert ! audioresample ! audiorate ! audio/x-raw,format=S16LE,layout=interleaved,rate=48000,channels=2 ! appsink name=clip-sound sync=false async=false max-buffers=16';
  t.equal(clipText({ video: video(), sound: true }), `${decode} ${pictures()} ${sound}`);
  t.equal(
    clipText({ video: video({ rotate: 270 }), sound: false }),
    `${decode} ${pictures('videoflip video-direction=90l ! ')}`,
  );
});
