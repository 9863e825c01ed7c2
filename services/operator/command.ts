import type { z } from 'zod';
import type { ApiClient } from '#core/protocol/client.ts';
import type { LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import type { MachineFinding } from './commands/doctor.ts';

/** What a command works with. */
export interface CommandContext {
  box: ApiClient<'operator'>;
  /** Ctrl-C, or the line was hung up. */
  signal: AbortSignal;
  /** Tells a person what goes on; programs get no word before the answer. */
  progress: (text: string) => void;
  /** Prints a line as soon as it is known; null where one answer is all that can be given. */
  print: ((line: string) => void) | null;
  /** The answer is printed as JSON. */
  json: boolean;
  /** What stands before a command where it is typed: "onair " in a shell. */
  prefix: string;
  /** Where the page is for who reads the answer. */
  pagesOf: (status: LinkStatusBody) => string[];
  /** What only the machine that the command runs on knows; null on the serial line. */
  machine: MachineDoctor | null;
  /** What later completions may use. */
  remember: { ssids: string[] };
}

/** What `onair doctor` looks at beside what the box says of itself. */
export interface MachineDoctor {
  /** Board, system, processor and memory in one line. */
  describe(): Promise<string>;
  examine(): Promise<MachineFinding[]>;
  /** What is known of a box that does not run, from its start. */
  examineStart(): Promise<MachineFinding[]>;
}

export interface Argument {
  name: string;
  /** All that is left of the line, as it stands. */
  rest?: true;
  /** Asked for without echo where a person leaves it out. */
  asked?: (params: Readonly<Record<string, string>>) => string | null;
  /** In a shell only asked for: everybody on the machine may read the arguments of a process. */
  neverTyped?: true;
  /** In a shell asked for with this option only. */
  askedWith?: string;
  /** What it may be, for completion. */
  choices?: (
    words: Readonly<Record<string, string>>,
    known: { ssids: readonly string[] },
  ) => readonly string[];
}

/** `--NAME` of a command; its value becomes the parameter of that name. */
export interface Option {
  summary: string;
  /** What its value is called in the help; without one it is a flag. */
  value?: string;
  /** One letter. */
  short?: string;
  /** Of no use on the serial line. */
  shellOnly?: true;
}

/** One command, for people in a shell or on the serial line and for programs: check, help and OpenRPC come from here. */
export interface Command<
  Params extends z.ZodType = z.ZodType,
  Result extends z.ZodType = z.ZodType,
  Context extends CommandContext = CommandContext,
> {
  /** As programs call it; people write blanks for dots. */
  method: string;
  summary: string;
  /** More, for `help COMMAND`. */
  details?: string;
  /** In the order in which people write them. */
  arguments: readonly Argument[];
  options?: Readonly<Record<string, Option>>;
  params: Params;
  result: Result;
  /** Only programs have a use for it. */
  programsOnly?: true;
  /** Only people have a use for it. */
  peopleOnly?: true;
  /** Another name of this command. */
  aliasOf?: string;
  /** Left out of help and documents: a name that is taken for convenience. */
  hidden?: true;
  /** Makes parameters of a person's words, where they are not simply taken by name. */
  fromWords?: (words: Readonly<Record<string, string>>) => unknown;
  /** Whether these words may not stay in the history. */
  isSecret?: (words: Readonly<Record<string, string>>) => boolean;
  /** @throws ApiError, CommandError */
  run(params: z.output<Params>, context: Context): Promise<z.input<Result>>;
  /** For people. */
  show(result: z.output<Result>, context: Context): string;
  /** With `--json`; the result itself unless it is something else than the API's answer. */
  showJson?(result: z.output<Result>): string;
  /** What went wrong although there is a result: a shell's command then fails. Null where nothing did. */
  failure?(result: z.output<Result>, context: Context): string | null;
}

/** Any command: its parameters have been checked against `params` before it runs. */
export type AnyCommand<Context extends CommandContext = CommandContext> = Omit<
  Command,
  'run' | 'show' | 'showJson' | 'failure'
> & {
  run(params: unknown, context: Context): Promise<unknown>;
  show(result: unknown, context: Context): string;
  showJson?(result: unknown): string;
  failure?(result: unknown, context: Context): string | null;
};

/** Declares a command with its types checked. */
export function command<
  Params extends z.ZodType,
  Result extends z.ZodType,
  Context extends CommandContext = CommandContext,
>(definition: Command<Params, Result, Context>): AnyCommand<Context> {
  return definition as unknown as AnyCommand<Context>;
}

/** The same command under another name. */
export function alias<Context extends CommandContext>(
  method: string,
  { of, hidden }: { of: AnyCommand<Context>; hidden?: true },
): AnyCommand<Context> {
  const summary = `Short for ${of.method.replaceAll('.', ' ')}`;
  return { ...of, method, summary, aliasOf: of.method, ...(hidden ? { hidden } : {}) };
}
