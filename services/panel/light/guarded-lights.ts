import type { LightState, Lights } from '#core/hardware/light/light.ts';
import type { DeathGuard } from './death-guard.ts';

/** Lights that the panel makes blink itself, with somebody beside them who puts them out when the panel can't. */
export class GuardedLights implements Lights {
  readonly #lights: Lights;
  readonly #guard: DeathGuard;
  #closed = false;

  constructor(options: { lights: Lights; guard: DeathGuard }) {
    this.#lights = options.lights;
    this.#guard = options.guard;
  }

  get count(): 0 | 1 | 2 {
    return this.#lights.count;
  }

  async start(): Promise<void> {
    this.#guard.start();
    await this.#lights.start();
  }

  show(state: LightState): void {
    if (this.#closed) return;
    if (state.red === 'on') this.#guard.hold();
    else this.#guard.rest();
    this.#lights.show(state);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#lights.close();
    this.#guard.close();
  }
}
