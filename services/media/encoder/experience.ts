import type { Logger } from '#core/runtime/logger.ts';
import type { PipelinePlan } from './plan.ts';

/** So many early deaths of the hardware encoder, and `auto` means x264enc. */
const hardwareTries = 3;

/** What failed encoders taught about the machine: kept until another request comes. */
export class Experience {
  readonly #logger: Logger;
  #hardwareFailures = 0;

  constructor({ logger }: { logger: Logger }) {
    this.#logger = logger;
  }

  /** The hardware encoder failed too often. */
  get avoidHardware(): boolean {
    return this.#hardwareFailures >= hardwareTries;
  }

  /** An encoder ended. @param early it had not run for long */
  learn({ encoder }: Pick<PipelinePlan, 'encoder'>, early: boolean): void {
    if (encoder !== 'v4l2h264enc' || !early) return;
    this.#hardwareFailures += 1;
    if (this.avoidHardware) this.#logger.warn('the hardware encoder failed too often: auto is x264enc now');
  }

  forget(): void {
    this.#hardwareFailures = 0;
  }
}
