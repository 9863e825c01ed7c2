import assert from 'node:assert/strict';
import { type CameraControls, type CameraControlValue, fitting } from '#core/domain/camera.ts';
import { AdjustableCamera, type CameraHardware } from '#media/sources/adjustable-camera.ts';

export interface CameraUnderTest {
  /** Opens it; a camera that keeps its values keeps them from one time to the next. */
  open(): CameraHardware;
  /** What a camera that can be asked holds, by opening it again. */
  keeps: boolean;
}

function check(camera: CameraUnderTest, expected: CameraControls): void {
  if (!camera.keeps) return;
  const { inForce } = camera.open();
  for (const [name, value] of Object.entries(expected))
    assert.equal(inForce.get(name as 'gain'), value, name);
}

/** What every camera does, virtual or real. */
export const cameraContract: Record<string, (camera: CameraUnderTest) => void> = {
  'what it offers has names once, and defaults that it takes': (camera) => {
    const { offered, inForce } = camera.open();
    assert.ok(offered.length > 0);
    assert.equal(new Set(offered.map(({ name }) => name)).size, offered.length);
    for (const control of offered) {
      assert.equal(fitting(control, control.default), control.default, control.name);
      const now = inForce.get(control.name);
      if (now !== undefined) assert.equal(fitting(control, now), now, control.name);
      assert.ok(control.range !== null || control.choices.length > 0);
    }
  },
  'each control takes its ends, its words and its default': (camera) => {
    const hardware = camera.open();
    const adjustable = new AdjustableCamera(hardware);
    for (const { name, range, choices, default: standard } of hardware.offered) {
      const values: CameraControlValue[] = [
        ...(range ? [range.minimum, range.maximum] : []),
        ...(choices as CameraControlValue[]),
        standard,
      ];
      for (const value of values) {
        assert.deepEqual(adjustable.set({ [name]: value }), [], `${name} ${value}`);
        check(camera, { [name]: value });
      }
    }
  },
  'a number beyond its bounds becomes the nearest that it takes; words that it has not, its default': (
    camera,
  ) => {
    const hardware = camera.open();
    const adjustable = new AdjustableCamera(hardware);
    for (const control of hardware.offered) {
      const { name, range, default: standard } = control;
      if (range === null) continue;
      assert.deepEqual(adjustable.set({ [name]: range.maximum + 1_000_000 }), []);
      check(camera, { [name]: fitting(control, range.maximum) ?? standard });
      assert.deepEqual(adjustable.set({ [name]: 'both' }), []);
      check(camera, { [name]: standard });
    }
  },
  'what is set no more has its default, also where it was set before the camera was opened': (camera) => {
    const [first] = camera.open().offered;
    assert.ok(first);
    const other = first.range?.minimum ?? 'both';
    new AdjustableCamera(camera.open()).set({ [first.name]: other });
    check(camera, { [first.name]: other });
    assert.deepEqual(new AdjustableCamera(camera.open()).set({}), []);
    check(camera, { [first.name]: first.default });
  },
};
