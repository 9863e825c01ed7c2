import type { CameraControlName, CameraControlValue, CameraMode } from '#core/domain/camera.ts';

/** What was chosen of a camera, null for its default. */
export type ChosenControls = Partial<Record<CameraControlName, CameraControlValue | null>>;

/**
 * Sends what is chosen while a slider moves: one request at a time, the newest values next, none of them lost.
 * @param send resolves when the box has it
 */
export class ControlSender {
  readonly #send: (controls: ChosenControls) => Promise<unknown>;
  readonly #idle: () => void;
  #next: ChosenControls | null = null;
  #busy = false;

  /** @param idle told when everything is sent */
  constructor(send: (controls: ChosenControls) => Promise<unknown>, idle: () => void) {
    this.#send = send;
    this.#idle = idle;
  }

  push(controls: ChosenControls): void {
    this.#next = { ...this.#next, ...controls };
    if (!this.#busy) void this.#run();
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#next !== null) {
      const controls = this.#next;
      this.#next = null;
      await this.#send(controls);
    }
    this.#busy = false;
    this.#idle();
  }
}

/** A value as people read it: exposure as photographers write it. @param figure writes a number */
export function valueText(
  name: CameraControlName,
  value: number,
  figure: (value: number, digits?: number) => string,
): string {
  if (name === 'whiteBalance') return `${figure(value)} K`;
  if (name !== 'exposure') return figure(value);
  if (value <= 0) return '0 s';
  return value < 300_000 ? `1/${figure(Math.round(1e6 / value))} s` : `${figure(value / 1e6, 1)} s`;
}

/** The rates of each size, both the largest first. */
export function sizesOf(modes: readonly CameraMode[]): { width: number; height: number; rates: number[] }[] {
  const sizes = new Map<string, { width: number; height: number; rates: number[] }>();
  for (const { width, height, framesPerSecond } of modes) {
    const key = `${width} ${height}`;
    const size = sizes.get(key) ?? { width, height, rates: [] };
    size.rates.push(framesPerSecond);
    sizes.set(key, size);
  }
  return [...sizes.values()];
}
