import { OnairError } from '#core/domain/errors.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { LinkHost } from './link-host.ts';

export type RestartTarget = 'box' | 'services';

/** Starts the box or its services anew. Whoever runs the daemons starts again what ends. */
export class Restart {
  readonly #link: Pick<LinkHost, 'restartDaemons'>;
  readonly #reboot: (() => Promise<void>) | null;
  readonly #forgetBroadcast: () => Promise<void>;
  readonly #endControl: () => void;
  readonly #logger: Logger;

  /**
   * @param options.reboot asks the system for it; null where there is none of our own, as in the demo: there all the
   *   services start anew, and nothing is wanted any more, as after a boot
   */
  constructor(options: {
    link: Pick<LinkHost, 'restartDaemons'>;
    reboot: (() => Promise<void>) | null;
    forgetBroadcast: () => Promise<void>;
    endControl: () => void;
    logger: Logger;
  }) {
    this.#link = options.link;
    this.#reboot = options.reboot;
    this.#forgetBroadcast = options.forgetBroadcast;
    this.#endControl = options.endControl;
    this.#logger = options.logger;
  }

  /** What may fail while somebody can still be told. @throws OnairError `unavailable` */
  async prepare(what: RestartTarget): Promise<void> {
    this.#logger.info({ what }, 'a restart is asked for');
    if (what === 'services') return;
    if (this.#reboot === null) return await this.#forgetBroadcast();
    try {
      await this.#reboot();
    } catch (error) {
      this.#logger.error({ err: error }, 'the system could not be asked to restart');
      throw new OnairError('unavailable', 'The box could not be asked to restart.', {
        action: 'Switch it off and on.',
      });
    }
  }

  /** The answer is out. */
  go(what: RestartTarget): void {
    if (what === 'box' && this.#reboot !== null) return; // it comes by itself
    this.#link.restartDaemons();
    this.#endControl();
  }
}
