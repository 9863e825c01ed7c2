import {
  type CameraControlName,
  type CameraControls,
  type CameraControlValue,
  fitting,
  type OfferedControl,
} from '#core/domain/camera.ts';

/** How one kind of camera takes a value that it offers. */
export interface CameraHardware {
  readonly offered: readonly OfferedControl[];
  /** What holds as it is opened: a camera may keep what somebody set before. Left out where that is not known. */
  readonly inForce: ReadonlyMap<CameraControlName, CameraControlValue>;
  /** @param value one that `offered` allows @throws Error with the system's code */
  apply(name: CameraControlName, value: CameraControlValue): void;
}

/** A camera's controls while it runs: values are brought within its bounds, and what is not set gets its default. */
export class AdjustableCamera {
  readonly #hardware: CameraHardware;
  readonly #inForce: Map<CameraControlName, CameraControlValue>;

  constructor(hardware: CameraHardware) {
    this.#hardware = hardware;
    this.#inForce = new Map(hardware.inForce);
  }

  /** What the camera does not offer is left out. @returns what the camera refused */
  set(controls: CameraControls): CameraControlName[] {
    const refused: CameraControlName[] = [];
    for (const offered of this.#hardware.offered) {
      const { name } = offered;
      const asked = controls[name];
      const value = (asked === undefined ? null : fitting(offered, asked)) ?? offered.default;
      if (this.#inForce.get(name) === value) continue;
      try {
        this.#hardware.apply(name, value);
        this.#inForce.set(name, value);
      } catch {
        refused.push(name);
      }
    }
    return refused;
  }
}
