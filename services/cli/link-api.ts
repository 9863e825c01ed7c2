import { ControlApi, ControlApiError } from '#core/runtime/control-api.ts';
import type { Paths } from '#core/runtime/paths.ts';
import { CliError } from './cli-error.ts';

/** The HTTP API over the link: what the command may do, the operator may do. Its errors end the command. */
export class LinkApi {
  readonly #paths: Paths;
  readonly #control: ControlApi;

  constructor(options: { paths: Paths }) {
    this.#paths = options.paths;
    this.#control = new ControlApi({ socketPath: options.paths.controlSocket });
  }

  /**
   * @param timeoutMs for what takes the box longer than an answer usually does
   * @returns the body of a 2xx answer
   * @throws CliError 3 where nothing runs, 1 where the box refuses
   */
  async call<Body>(method: string, path: string, body?: unknown, timeoutMs?: number): Promise<Body> {
    return await this.#explained(this.#control.call<Body>(method, path, { body, timeoutMs }));
  }

  /**
   * The answer's text, line by line, until it ends.
   * @throws CliError 3 where nothing runs, 1 where the box refuses or goes away meanwhile
   */
  async lines(path: string, onLine: (line: string) => void): Promise<void> {
    await this.#explained(this.#control.lines(path, onLine));
  }

  /**
   * Server-sent events from now on, each with its data.
   * @returns a function that ends it
   * @throws CliError 3 where nothing runs, 1 where the box refuses
   */
  async follow<Data>(path: string, onData: (data: Data) => void, onEnd: () => void): Promise<() => void> {
    return await this.#explained(this.#control.follow<Data>(path, onData, onEnd));
  }

  async #explained<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      throw error instanceof ControlApiError ? this.#explain(error) : error;
    }
  }

  #explain({ code, message, action }: ControlApiError): CliError {
    const where = this.#paths.runtimeDirectory;
    if (code === 'not-allowed')
      return new CliError(1, `This user may not speak to the box in ${where}. Try with sudo.`);
    if (code === 'not-running') {
      return new CliError(
        3,
        `No Onair is running in ${where}. Start one with onair demo, or name another with --state DIR.`,
      );
    }
    return new CliError(1, [message, action].filter(Boolean).join(' '));
  }
}
