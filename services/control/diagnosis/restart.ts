import type { Clock } from '#core/domain/clock.ts';
import { OnairError } from '#core/domain/errors.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { LinkHost } from '../link/link-host.ts';

export type RestartTarget = 'box' | 'services';

/** So long a daemon takes to end. */
const daemonsEndWithinMs = 2_000;

interface Deps {
  link: Pick<LinkHost, 'restartDaemons' | 'events'>;
  reboot: (() => Promise<void>) | null;
  forgetBroadcast: () => Promise<void>;
  endControl: () => void;
  clock: Clock;
  logger: Logger;
}

/** Restarts the box or its services. What runs the daemons restarts those that end. */
export class Restart {
  readonly #deps: Deps;

  /**
   * @param options.reboot asks the system for it; null where there is none of our own, as in the demo: there all the
   *   services restart, and nothing is wanted any more, as after a boot
   */
  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** What may fail while somebody can still be told. @throws OnairError `unavailable` */
  async prepare(what: RestartTarget): Promise<void> {
    this.#deps.logger.info({ what }, 'a restart is asked for');
    if (what === 'services') return;
    if (this.#deps.reboot === null) return await this.#deps.forgetBroadcast();
    try {
      await this.#deps.reboot();
    } catch (error) {
      this.#deps.logger.error({ err: error }, 'the system could not be asked to restart');
      throw new OnairError('unavailable', 'The box could not be asked to restart.', {
        action: 'Switch it off and on.',
      });
    }
  }

  /** The answer is out. */
  go(what: RestartTarget): void {
    if (what === 'box' && this.#deps.reboot !== null) return; // it comes by itself
    const staying = new Set(this.#deps.link.restartDaemons());
    if (staying.size === 0) {
      this.#deps.endControl();
      return;
    }
    // Who is writing when the link breaks never reads what it was told.
    const end = (): void => {
      stopListening();
      cancel();
      this.#deps.endControl();
    };
    const stopListening = this.#deps.link.events.on('left', ({ daemon }) => {
      staying.delete(daemon);
      if (staying.size === 0) end();
    });
    const cancel = this.#deps.clock.after(daemonsEndWithinMs, end);
  }
}
