import { ApiClient, ApiError, type CallArguments, type CallOf, type ItemOf } from '#core/protocol/client.ts';
import type { Endpoint } from '#core/protocol/endpoint.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';
import type { Paths } from '#core/runtime/paths.ts';
import { CliError } from './cli-error.ts';

/** The HTTP API over the link: what the command may do, the operator may do. Its errors end the command. */
export class LinkApi extends ApiClient<'operator'> {
  readonly #paths: Paths;

  constructor({ paths }: { paths: Paths }) {
    super(linkTransport(paths.controlSocket));
    this.#paths = paths;
  }

  /** @throws CliError 3 where nothing runs, 1 where the box refuses */
  override async call<E extends Endpoint>(endpoint: E, ...call: CallArguments<E>) {
    return await this.#explained(super.call(endpoint, ...call));
  }

  /** @throws CliError 3 where nothing runs, 1 where the box refuses or goes away meanwhile */
  override async lines<E extends Endpoint>(
    endpoint: E,
    call: CallOf<E>,
    onLine: (line: ItemOf<E, 'operator'>) => void,
  ): Promise<void> {
    await this.#explained(super.lines(endpoint, call, onLine));
  }

  /** @throws CliError 3 where nothing runs, 1 where the box refuses */
  override async follow<E extends Endpoint>(
    endpoint: E,
    onData: (data: ItemOf<E, 'operator'>) => void,
    onEnd: () => void,
  ): Promise<() => void> {
    return await this.#explained(super.follow(endpoint, onData, onEnd));
  }

  async #explained<Result>(work: Promise<Result>): Promise<Result> {
    try {
      return await work;
    } catch (error) {
      throw error instanceof ApiError ? this.#explain(error) : error;
    }
  }

  #explain({ code, message, action }: ApiError): CliError {
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
