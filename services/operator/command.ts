import type { z } from 'zod';
import type { ApiClient } from '#core/protocol/client.ts';

/** What a command works with. */
export interface CommandContext {
  box: ApiClient<'operator'>;
  /** Ctrl-C, or the line was hung up. */
  signal: AbortSignal;
  /** Tells a person what goes on; programs get no word before the answer. */
  progress: (text: string) => void;
  /** Sends status changes to whoever asked, a program; null where a person asks. */
  subscription: { start(): void; end(): void } | null;
  /** What later completions may use. */
  remember: { ssids: string[] };
}

export interface Argument {
  name: string;
  /** All that is left of the line, as it stands. */
  rest?: true;
  /** Asked for without echo where a person leaves it out. */
  asked?: (params: Readonly<Record<string, string>>) => string | null;
}

/** One command of the line, for people and for programs alike: check, help and OpenRPC come from here. */
export interface Command<Params extends z.ZodType = z.ZodType, Result extends z.ZodType = z.ZodType> {
  /** As programs call it; people write blanks for dots. */
  method: string;
  summary: string;
  /** More, for `help COMMAND`. */
  details?: string;
  /** In the order in which people write them. */
  arguments: readonly Argument[];
  params: Params;
  result: Result;
  /** Only programs have a use for it. */
  programsOnly?: true;
  /** Makes parameters of a person's words, where they are not simply taken by name. */
  fromWords?: (words: Readonly<Record<string, string>>) => unknown;
  /** Whether these words may not stay in the history. */
  isSecret?: (words: Readonly<Record<string, string>>) => boolean;
  /** @throws ApiError, CommandError */
  run(params: z.output<Params>, context: CommandContext): Promise<z.input<Result>>;
  /** For people. */
  show(result: z.output<Result>): string;
}

/** Any command: its parameters have been checked against `params` before it runs. */
export type AnyCommand = Omit<Command, 'run' | 'show'> & {
  run(params: unknown, context: CommandContext): Promise<unknown>;
  show(result: unknown): string;
};

/** Declares a command with its types checked. */
export function command<Params extends z.ZodType, Result extends z.ZodType>(
  definition: Command<Params, Result>,
): AnyCommand {
  return definition as unknown as AnyCommand;
}
