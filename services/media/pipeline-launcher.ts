import type { MediaRequest, Reason } from '#core/domain/media.ts';
import type { Logger } from '#core/runtime/logger.ts';
import { type EncodedOutput, PipelineRun, type RunChild } from './pipeline-run.ts';
import { ReasonError } from './reason-error.ts';
import type { Experience } from './source/experience.ts';
import type { Machine } from './source/machine.ts';
import { resolvePlan } from './source/resolve.ts';

/** Where child processes come from: a fresh one for each pipeline. */
export interface ChildSource {
  take(): RunChild;
}

interface LauncherOptions {
  standby: ChildSource;
  machine: Machine;
  experience: Experience;
  output: EncodedOutput;
  logger: Logger;
}

/** Gets pipelines ready to play, one at a time: a launch that finds itself replaced comes to nothing. */
export class PipelineLauncher {
  readonly #options: LauncherOptions;
  /** The request whose launch is under way; compared by identity. */
  #request: MediaRequest | null = null;
  #preparing: PipelineRun | null = null;

  constructor(options: LauncherOptions) {
    this.#options = options;
  }

  /** What is being got ready; null where nothing is. */
  get request(): MediaRequest | null {
    return this.#request;
  }

  /** @returns a run that can be played, why there can be none, or null where the launch was cancelled */
  async launch(wanted: MediaRequest): Promise<PipelineRun | Reason | null> {
    this.cancel();
    const request = { ...wanted };
    this.#request = request;
    const outcome = await this.#prepare(request);
    if (this.#request === request) {
      this.#request = null;
      this.#preparing = null;
      return outcome;
    }
    if (outcome instanceof PipelineRun) outcome.close();
    return null;
  }

  cancel(): void {
    this.#request = null;
    this.#preparing?.close();
    this.#preparing = null;
  }

  async #prepare(request: MediaRequest): Promise<PipelineRun | Reason | null> {
    const { standby, machine, experience, output, logger } = this.#options;
    let run: PipelineRun | null = null;
    try {
      const plan = await resolvePlan(request, machine, experience);
      if (this.#request !== request) return null;
      const child = standby.take();
      run = new PipelineRun({ child, plan, partMs: request.hls.partMs, output, logger });
      this.#preparing = run;
      await run.prepare();
      return run;
    } catch (error) {
      run?.close();
      if (error instanceof ReasonError) return error.reason;
      throw error;
    }
  }
}
