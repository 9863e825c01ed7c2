import type { Problem } from '#core/domain/problem.ts';
import type { TornFile } from './durable-file.ts';

/** What people call the contents of a file, and what they do where it is lost. */
const contents = {
  operators: {
    message: 'The list of who may operate this box could not be read',
    action: 'Who is missing pairs again: hold the button for three seconds, or use the USB cable.',
  },
  outputs: {
    message: 'The list of outputs could not be read',
    action: 'Look through the outputs, and add again what is missing.',
  },
  devices: {
    message: 'The list of enrolled boxes could not be read',
    action: 'Enrol again what is missing.',
  },
} as const;

/** Stored lists that could not be used at this start, for the status, the doctor and the lights. */
export class TornFiles {
  readonly #problems = new Map<string, Problem>();

  get problems(): readonly Problem[] {
    return [...this.#problems.values()];
  }

  /** For `DurableFile`: `.bak` may have what was there before the last change, or nothing is left. */
  about(list: keyof typeof contents): (torn: TornFile) => void {
    return () => {
      const { message, action } = contents[list];
      this.#problems.set(list, {
        code: 'file-unusable',
        message: `${message}: what was there before the last change holds, or nothing.`,
        action,
      });
    };
  }
}
