import type { Reason } from '#core/domain/media.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { PipelinePlan } from '../pipeline-plan.ts';

/** So many early deaths of the hardware encoder, and `auto` means x264enc. */
const hardwareTries = 3;

/** What failed pipelines taught about the machine: kept until another request comes. */
export class Experience {
  readonly #logger: Logger;
  #hardwareFailures = 0;
  #microphoneFailed = false;

  constructor({ logger }: { logger: Logger }) {
    this.#logger = logger;
  }

  /** The hardware encoder failed too often. */
  get avoidHardware(): boolean {
    return this.#hardwareFailures >= hardwareTries;
  }

  /** Pictures go on without sound. */
  get avoidMicrophone(): boolean {
    return this.#microphoneFailed;
  }

  /** A pipeline ended. @param early it had not run for long */
  learn({ encoder, sound }: PipelinePlan, reason: Reason, early: boolean): void {
    if (reason.code === 'audio-unavailable' && sound.kind === 'alsa') {
      this.#microphoneFailed = true;
      this.#logger.warn({ device: sound.device }, 'the microphone failed, pictures go on without sound');
    } else if (encoder === 'v4l2h264enc' && early) {
      this.#hardwareFailures += 1;
      if (this.avoidHardware) this.#logger.warn('the hardware encoder failed too often: auto is x264enc now');
    }
  }

  forget(): void {
    this.#hardwareFailures = 0;
    this.#microphoneFailed = false;
  }
}
