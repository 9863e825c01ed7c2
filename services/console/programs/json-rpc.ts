import { setMaxListeners } from 'node:events';
import type { Clock } from '#core/domain/clock.ts';
import { parseJson } from '#core/domain/json.ts';
import type { Logger } from '#core/runtime/logger.ts';
import type { AnyCommand } from '#operator/command.ts';
import { CommandError, commandErrorOf } from '#operator/command-error.ts';
import { invoke } from '#operator/invoke.ts';
import type { LineContext, LineSurroundings } from '../commands/context.ts';
import type { LineWriter } from '../line/writer.ts';
import { maxBatch, maxLineKilobytes, maxUnderWay } from './limits.ts';
import { openRpcOf } from './open-rpc.ts';
import { invalidRequestCode, parseErrorCode, type RpcError, rpcCodes, rpcErrorOf } from './rpc-errors.ts';
import { StatusSubscription } from './status-subscription.ts';

type Id = string | number | null;
type Response = { jsonrpc: '2.0'; id: Id } & ({ result: unknown } | { error: RpcError });

interface Deps {
  writer: LineWriter;
  commands: readonly AnyCommand<LineContext>[];
  context: LineSurroundings;
  clock: Clock;
  logger: Logger;
}

/** JSON-RPC 2.0 (https://www.jsonrpc.org/specification), one request or batch a line: the commands for programs. */
export class JsonRpc {
  readonly #commands: ReadonlyMap<string, AnyCommand<LineContext>>;
  readonly #deps: Deps;
  readonly #subscription: StatusSubscription;
  readonly #end = new AbortController();
  #underWay = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#commands = new Map(
      deps.commands.filter(({ peopleOnly }) => !peopleOnly).map((command) => [command.method, command]),
    );
    setMaxListeners(4 * maxUnderWay, this.#end.signal);
    this.#subscription = new StatusSubscription({
      box: deps.context.box,
      clock: deps.clock,
      send: (notification) => this.#send(notification),
      pendingBytes: () => deps.writer.pendingBytes,
    });
  }

  line(text: string): void {
    const message = parseJson(text);
    if (message === undefined) {
      this.#refuseLine('The line is not JSON.', 'Send one JSON-RPC 2.0 request a line.');
      return;
    }
    void this.#answer(message).then((answer) => answer && this.#send(answer));
  }

  tooLong(): void {
    this.#refuseLine('The line is too long.', `A line may have ${maxLineKilobytes} KB.`);
  }

  close(): void {
    this.#subscription.end();
    this.#end.abort();
  }

  #refuseLine(message: string, action: string): void {
    const error = { code: parseErrorCode, message, data: { code: 'invalid-message', action } };
    this.#send({ jsonrpc: '2.0', id: null, error });
  }

  async #answer(message: unknown): Promise<Response | Response[] | null> {
    if (!Array.isArray(message)) return await this.#answerOne(message);
    if (message.length === 0) return invalidRequest(null, 'The batch is empty.');
    if (message.length > maxBatch)
      return invalidRequest(null, `The batch is too long: it may have ${maxBatch} requests.`);
    const answers = await Promise.all(message.map((one) => this.#answerOne(one)));
    const sent = answers.filter((answer) => answer !== null);
    return sent.length > 0 ? sent : null;
  }

  /** Null for what is not to be answered: a notification, or a response (an echo of our own). */
  async #answerOne(request: unknown): Promise<Response | null> {
    if (!(request instanceof Object) || Array.isArray(request))
      return invalidRequest(null, 'A request is an object.');
    const { jsonrpc, id, method, params } = request as Record<string, unknown>;
    if (method === undefined && ('result' in request || 'error' in request)) return null;
    const isNotification = !('id' in request);
    if (!isNotification && typeof id !== 'string' && typeof id !== 'number' && id !== null)
      return invalidRequest(null, 'id must be a string or a number.');
    const answerId = (id ?? null) as Id;
    if (jsonrpc !== '2.0') return invalidRequest(answerId, 'jsonrpc must be "2.0".');
    if (typeof method !== 'string') return invalidRequest(answerId, 'method must be a string.');
    try {
      const result = await this.#call(method, params);
      return isNotification ? null : { jsonrpc: '2.0', id: answerId, result };
    } catch (error) {
      if (commandErrorOf(error) === null)
        this.#deps.logger.error({ err: error, method }, 'a command failed unexpectedly');
      return isNotification ? null : { jsonrpc: '2.0', id: answerId, error: rpcErrorOf(error) };
    }
  }

  async #call(method: string, params: unknown): Promise<unknown> {
    if (method === 'rpc.discover')
      return openRpcOf([...this.#commands.values()].filter(({ hidden }) => !hidden));
    const command = this.#commands.get(method);
    if (!command)
      throw new CommandError(
        'unknown-command',
        `There is no method ${method.slice(0, 64)}.`,
        'rpc.discover lists them.',
      );
    if (this.#underWay >= maxUnderWay)
      throw new CommandError(
        'rate-limited',
        `${maxUnderWay} requests are under way.`,
        'Wait for answers before sending more.',
      );
    this.#underWay += 1;
    try {
      return await invoke(command, named(command, params), {
        ...this.#deps.context,
        signal: this.#end.signal,
        progress: () => {},
        print: null,
        json: true,
        leave: null,
        subscription: {
          start: () => this.#subscription.start(),
          end: () => this.#subscription.end(),
        },
      });
    } finally {
      this.#underWay -= 1;
    }
  }

  #send(message: object): void {
    if (this.#end.signal.aborted || this.#deps.writer.toProgram(JSON.stringify(message))) return;
    const isBatch = Array.isArray(message);
    if (!isBatch && !('id' in message)) return; // a notification is missed
    const id = isBatch ? null : message.id;
    const data = { code: 'unavailable', action: 'Read what was sent before asking for more.' };
    const error = { code: rpcCodes.unavailable, message: 'The answer has no room on the line.', data };
    this.#deps.writer.toProgram(JSON.stringify({ jsonrpc: '2.0', id, error }));
  }
}

/** Parameters by position become parameters by name. */
function named(command: AnyCommand<LineContext>, params: unknown): unknown {
  if (params === undefined) return {};
  if (!Array.isArray(params)) return params;
  if (params.length > command.arguments.length)
    throw new CommandError('invalid-message', 'There are too many parameters.', 'See rpc.discover.');
  return Object.fromEntries(params.map((value, at) => [command.arguments[at]?.name, value]));
}

function invalidRequest(id: Id, message: string): Response {
  const data = { code: 'invalid-message', action: 'See https://www.jsonrpc.org/specification.' };
  return { jsonrpc: '2.0', id, error: { code: invalidRequestCode, message, data } };
}
