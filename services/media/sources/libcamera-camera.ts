import type { CameraControlName, CameraControlValue, OfferedControl } from '#core/domain/camera.ts';
import type { GstElement } from '../gstreamer.ts';
import type { CameraHardware } from './adjustable-camera.ts';

/** How `libcamerasrc` (0.4 and newer) calls a control of libcamera's control_ids_core.yaml. */
interface Property {
  control: OfferedControl;
  property: string;
  /** It takes the number divided by this. */
  unit: number;
  /** The property that has the camera decide by itself. */
  auto: 'ae-enable' | 'awb-enable' | null;
}

const range = (minimum: number, maximum: number, step = 1) => ({ minimum, maximum, step });

/**
 * libcamera's own figures are real numbers: here they are hundredths. Bounds are those of the Raspberry Pi's cameras,
 * of contrast and saturation the part that is of use; libcamera keeps what a sensor can't do within its bounds. The
 * binding sets numbers and booleans alone, so that modes which are words (autofocus) stay as libcamera has them.
 */
const properties: readonly Property[] = [
  {
    control: { name: 'exposure', range: range(100, 200_000, 100), choices: ['auto'], default: 'auto' },
    property: 'exposure-time',
    unit: 1,
    auto: 'ae-enable',
  },
  {
    control: { name: 'gain', range: range(100, 1_600), choices: ['auto'], default: 'auto' },
    property: 'analogue-gain',
    unit: 100,
    auto: 'ae-enable',
  },
  {
    control: { name: 'whiteBalance', range: range(2_000, 9_000, 50), choices: ['auto'], default: 'auto' },
    property: 'colour-temperature',
    unit: 1,
    auto: 'awb-enable',
  },
  {
    control: { name: 'focus', range: range(0, 1_000), choices: [], default: 100 },
    property: 'lens-position',
    unit: 100,
    auto: null,
  },
  {
    control: { name: 'brightness', range: range(-100, 100), choices: [], default: 0 },
    property: 'brightness',
    unit: 100,
    auto: null,
  },
  {
    control: { name: 'contrast', range: range(0, 400), choices: [], default: 100 },
    property: 'contrast',
    unit: 100,
    auto: null,
  },
  {
    control: { name: 'saturation', range: range(0, 400), choices: [], default: 100 },
    property: 'saturation',
    unit: 100,
    auto: null,
  },
];

/** The camera on the board's own connector. Each start begins with libcamera's defaults. */
export class LibcameraCamera implements CameraHardware {
  readonly #element: GstElement;
  readonly #set: Map<CameraControlName, CameraControlValue>;
  readonly offered: readonly OfferedControl[];
  readonly inForce: ReadonlyMap<CameraControlName, CameraControlValue>;

  /** @param options.lens it can be focused */
  constructor(element: GstElement, options: { lens: boolean }) {
    this.#element = element;
    const has = (property: string | null) => property === null || element[property] !== undefined;
    this.offered = properties
      .filter(({ property, auto }) => has(property) && has(auto))
      .map(({ control }) => control)
      .filter(({ name }) => name !== 'focus' || options.lens);
    this.inForce = new Map(this.offered.map((control) => [control.name, control.default]));
    this.#set = new Map(this.inForce);
  }

  apply(name: CameraControlName, value: CameraControlValue): void {
    const found = properties.find(({ control }) => control.name === name);
    if (!found) return;
    const { property, unit, auto } = found;
    this.#set.set(name, value);
    // libcamera decides on exposure and gain together: it does where neither is set by hand.
    const same = properties.filter((each) => each.auto === auto);
    if (auto !== null) this.#element[auto] = same.every(({ control }) => this.#isAuto(control.name));
    // 0 is how older versions give one of them back.
    this.#element[property] = typeof value === 'number' ? value / unit : 0;
  }

  #isAuto(name: CameraControlName): boolean {
    const value = this.#set.get(name);
    return value === 'auto' || value === undefined;
  }
}
