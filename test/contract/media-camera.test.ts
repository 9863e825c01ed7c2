import t, { type Test } from 'tap';
import { AdjustableCamera } from '#media/sources/adjustable-camera.ts';
import { LibcameraCamera } from '#media/sources/libcamera-camera.ts';
import { V4l2Camera } from '#media/sources/v4l2-camera.ts';
import { VirtualCamera } from '#media/sources/virtual-camera.ts';
import { type CameraUnderTest, cameraContract } from '../support/camera-contract.ts';
import { addonOnVirtualKernel, kernelCamera } from '../support/camera-kernel.ts';

t.setTimeout(120_000);

/** Properties of `libcamerasrc` 0.4, with a Raspberry Pi Camera Module 3. */
const libcamera = () => ({
  ...{ 'ae-enable': false, 'exposure-time': 0, 'analogue-gain': 0, 'awb-enable': false },
  ...{ 'colour-temperature': 0, 'lens-position': 0, brightness: 0, contrast: 0, saturation: 0 },
});
const video = { width: 64, height: 48, framesPerSecond: 5, rotate: 0 } as const;

const cameras: Record<string, (t: Test) => CameraUnderTest> = {
  'the virtual camera': (t) => {
    const open = () => {
      const camera = new VirtualCamera(video, () => {});
      t.teardown(() => camera.close());
      return camera;
    };
    return { open, keeps: false };
  },
  'a USB camera, by ioctl': (t) => {
    const addon = addonOnVirtualKernel(t.testdir());
    return { open: () => new V4l2Camera(addon, kernelCamera), keeps: true };
  },
  libcamera: () => ({ open: () => new LibcameraCamera(libcamera(), { lens: true }), keeps: false }),
};

for (const [name, make] of Object.entries(cameras)) {
  t.test(name, async (t) => {
    for (const [what, holds] of Object.entries(cameraContract))
      t.test(what, async (t) => {
        holds(make(t));
      });
  });
}

t.test('a USB camera says its sizes and rates once, largest first, and in our units', async (t) => {
  const camera = new V4l2Camera(addonOnVirtualKernel(t.testdir()), kernelCamera);
  t.same(camera.modes, [
    { width: 1920, height: 1080, framesPerSecond: 30 },
    { width: 1280, height: 720, framesPerSecond: 10 },
    { width: 640, height: 480, framesPerSecond: 30 },
    { width: 640, height: 480, framesPerSecond: 15 },
  ]);
  t.same(
    camera.offered.find(({ name }) => name === 'exposure'),
    {
      name: 'exposure',
      range: { minimum: 300, maximum: 204_700, step: 100 },
      choices: ['auto'],
      default: 'auto',
    },
  );
  t.same(camera.offered.map(({ name }) => name).sort(), [
    ...['brightness', 'exposure', 'flip', 'focus', 'saturation', 'whiteBalance'],
  ]);
  t.same(camera.offered.find(({ name }) => name === 'flip')?.choices, ['none', 'horizontal']);
});

t.test('what the camera refuses is said, and tried again with the next change', async (t) => {
  const adjustable = new AdjustableCamera(new V4l2Camera(addonOnVirtualKernel(t.testdir()), kernelCamera));
  t.same(adjustable.set({ saturation: 13, brightness: 7 }), ['saturation']);
  t.same(adjustable.set({ saturation: 13, brightness: 8 }), ['saturation']);
  t.same(adjustable.set({ saturation: 14, brightness: 8 }), []);
});

t.test('a device that is gone has the system’s code', async (t) => {
  const addon = addonOnVirtualKernel(t.testdir());
  t.throws(() => addon.describe('/dev/no-such-camera', []), { code: 'ENOENT' });
  t.throws(() => addon.setControl('/dev/zero', 1, 1), { code: 'ENOENT' }, 'one that nobody has open');
});

t.test('libcamera: by hand and by itself, in its own figures', async (t) => {
  const element: Record<string, unknown> = libcamera();
  const adjustable = new AdjustableCamera(new LibcameraCamera(element, { lens: true }));
  adjustable.set({ exposure: 20_000, gain: 250, whiteBalance: 5_000, focus: 150, brightness: -50 });
  t.match(element, {
    ...{ 'ae-enable': false, 'exposure-time': 20_000, 'analogue-gain': 2.5 },
    ...{ 'awb-enable': false, 'colour-temperature': 5_000, 'lens-position': 1.5, brightness: -0.5 },
  });
  adjustable.set({ gain: 250 });
  t.match(element, { 'ae-enable': false, 'exposure-time': 0, 'analogue-gain': 2.5, 'awb-enable': true });
  adjustable.set({});
  t.match(element, { 'ae-enable': true, 'analogue-gain': 0, brightness: 0, 'lens-position': 1 });
});

t.test('libcamera: an older one, and a camera without a lens that moves', async (t) => {
  const { 'colour-temperature': _, ...older } = libcamera();
  t.same(
    new LibcameraCamera(older, { lens: false }).offered.map(({ name }) => name),
    ['exposure', 'gain', 'brightness', 'contrast', 'saturation'],
  );
  t.same(new LibcameraCamera({}, { lens: true }).offered, [], 'one that offers nothing');
});
