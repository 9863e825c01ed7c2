import {
  type CameraControlName,
  type CameraControlValue,
  type CameraMode,
  flipChoices,
  type OfferedControl,
} from '#core/domain/camera.ts';
import type { CameraHardware } from './adjustable-camera.ts';

/** What `describe` of native/v4l2.c says of a control. */
type Described = [
  id: number,
  minimum: number,
  maximum: number,
  step: number,
  standard: number,
  value: number,
  menu: number[],
];

export interface V4l2CameraAddon {
  /** @throws Error with the system's code */
  describe(path: string, ids: number[]): { modes: [number, number, number][]; controls: Described[] };
  /** Of the device that this process has open. @throws Error with the system's code */
  setControl(path: string, id: number, value: number): void;
}

/** V4L2_CID_… of linux/v4l2-controls.h. */
const ids = {
  brightness: 0x980900,
  contrast: 0x980901,
  saturation: 0x980902,
  autoWhiteBalance: 0x98090c,
  autoGain: 0x980912,
  gain: 0x980913,
  horizontalFlip: 0x980914,
  verticalFlip: 0x980915,
  whiteBalance: 0x98091a,
  autoExposure: 0x9a0901,
  exposure: 0x9a0902,
  focus: 0x9a090a,
  autoFocus: 0x9a090c,
} as const;
/** V4L2_EXPOSURE_…: cameras that have shutter and iris apart call automatic exposure "aperture priority". */
const exposureModes = { auto: 0, manual: 1, aperturePriority: 3 } as const;

/** `unit`: what one step of the kernel's is in ours. */
const numbers: readonly { name: CameraControlName; id: number; autoId: number | null; unit: number }[] = [
  { name: 'exposure', id: ids.exposure, autoId: ids.autoExposure, unit: 100 },
  { name: 'gain', id: ids.gain, autoId: ids.autoGain, unit: 1 },
  { name: 'whiteBalance', id: ids.whiteBalance, autoId: ids.autoWhiteBalance, unit: 1 },
  { name: 'focus', id: ids.focus, autoId: ids.autoFocus, unit: 1 },
  { name: 'brightness', id: ids.brightness, autoId: null, unit: 1 },
  { name: 'contrast', id: ids.contrast, autoId: null, unit: 1 },
  { name: 'saturation', id: ids.saturation, autoId: null, unit: 1 },
];
/** What a list of modes is good for; a camera lists each for each of its formats. */
const mostModes = 100;

/** A camera of the kernel's: USB (UVC), capture cards. */
export class V4l2Camera implements CameraHardware {
  readonly #addon: V4l2CameraAddon;
  readonly #path: string;
  readonly #controls: Map<number, Described>;
  readonly modes: CameraMode[];
  readonly offered: readonly OfferedControl[];
  readonly inForce: ReadonlyMap<CameraControlName, CameraControlValue>;

  /** @throws Error with the system's code */
  constructor(addon: V4l2CameraAddon, path: string) {
    this.#addon = addon;
    this.#path = path;
    const { modes, controls } = addon.describe(path, Object.values(ids));
    this.#controls = new Map(controls.map((control) => [control[0], control]));
    this.modes = distinct(modes);
    const found = [...numbers.flatMap((each) => this.#numberOf(each) ?? []), ...this.#flipOf()];
    this.offered = found.map(({ offered }) => offered);
    this.inForce = new Map(found.map(({ offered, value }) => [offered.name, value]));
  }

  apply(name: CameraControlName, value: CameraControlValue): void {
    if (name === 'flip') {
      this.#flip(ids.horizontalFlip, value === 'horizontal' || value === 'both');
      this.#flip(ids.verticalFlip, value === 'vertical' || value === 'both');
      return;
    }
    const control = numbers.find((each) => each.name === name);
    if (!control) return;
    const auto = control.autoId === null ? null : this.#autoOf(control.autoId);
    // By hand first: a camera that decides by itself refuses a number.
    if (auto && control.autoId !== null)
      this.#addon.setControl(this.#path, control.autoId, value === 'auto' ? auto.on : auto.off);
    if (typeof value === 'number')
      this.#addon.setControl(this.#path, control.id, Math.round(value / control.unit));
  }

  #numberOf({ name, id, autoId, unit }: (typeof numbers)[number]): Found | null {
    const control = this.#controls.get(id);
    const auto = autoId === null ? null : this.#autoOf(autoId);
    if (!control && !auto) return null;
    const [, minimum = 0, maximum = 0, step = 1, standard = 0, value = 0] = control ?? [];
    const range = { minimum: minimum * unit, maximum: maximum * unit, step: Math.max(1, step) * unit };
    return {
      offered: {
        name,
        range: control ? range : null,
        choices: auto ? ['auto'] : [],
        default: auto?.isDefault || !control ? 'auto' : standard * unit,
      },
      value: auto?.isOn || !control ? 'auto' : value * unit,
    };
  }

  #flipOf(): Found[] {
    const across = this.#controls.get(ids.horizontalFlip);
    const down = this.#controls.get(ids.verticalFlip);
    if (!across && !down) return [];
    const choices = flipChoices.filter(
      (choice) =>
        choice === 'none' ||
        (choice === 'horizontal' && across) ||
        (choice === 'vertical' && down) ||
        (choice === 'both' && across && down),
    );
    const [horizontal, vertical] = [across?.[5] === 1, down?.[5] === 1];
    const value = horizontal ? (vertical ? 'both' : 'horizontal') : vertical ? 'vertical' : 'none';
    return [{ offered: { name: 'flip', range: null, choices, default: 'none' }, value }];
  }

  #flip(id: number, on: boolean): void {
    if (this.#controls.has(id)) this.#addon.setControl(this.#path, id, on ? 1 : 0);
  }

  #autoOf(id: number): { on: number; off: number; isDefault: boolean; isOn: boolean } | null {
    const control = this.#controls.get(id);
    if (!control) return null;
    const [, , , , standard, value, menu] = control;
    if (id !== ids.autoExposure) return { on: 1, off: 0, isDefault: standard === 1, isOn: value === 1 };
    const { auto, manual, aperturePriority } = exposureModes;
    const on = menu.includes(aperturePriority) ? aperturePriority : auto;
    return { on, off: manual, isDefault: standard !== manual, isOn: value !== manual };
  }
}

interface Found {
  offered: OfferedControl;
  /** What holds now. */
  value: CameraControlValue;
}

/** Each size and rate once, the largest first: a camera lists them for each of its formats. */
function distinct(modes: readonly [number, number, number][]): CameraMode[] {
  const found = new Map<string, CameraMode>();
  for (const [width, height, rate] of modes) {
    const framesPerSecond = Math.round(rate * 100) / 100;
    found.set(`${width} ${height} ${framesPerSecond}`, { width, height, framesPerSecond });
  }
  const size = ({ width, height }: CameraMode) => width * height;
  const largestFirst = [...found.values()].sort(
    (a, b) => size(b) - size(a) || b.framesPerSecond - a.framesPerSecond,
  );
  return largestFirst.slice(0, mostModes);
}
