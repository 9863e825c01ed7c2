import { z } from 'zod';
import type { AnyCommand } from './command.ts';

type Described = Pick<AnyCommand, 'method' | 'arguments' | 'params' | 'options'>;

/** "wifi join SSID [PASSPHRASE] [--hidden]" */
export function usageOf({ method, arguments: names, params, options = {} }: Described): string {
  const shape = params instanceof z.ZodObject ? params.shape : {};
  const words = names.map(({ name, asked }) => {
    const schema: unknown = shape[name];
    const optional =
      asked !== undefined || (schema instanceof z.ZodType && schema.safeParse(undefined).success);
    return optional ? `[${name.toUpperCase()}]` : name.toUpperCase();
  });
  const flags = Object.entries(options)
    .filter(([, { shellOnly }]) => !shellOnly)
    .map(([name, { value }]) => `[--${name}${value ? ` ${value}` : ''}]`);
  return [method.replaceAll('.', ' '), ...words, ...flags].join(' ');
}

/** The same in a shell: what is only asked for there is left out. */
export function shellUsageOf(command: Described): string {
  const typed = command.arguments.filter(({ neverTyped }) => !neverTyped);
  const options = Object.entries(command.options ?? {}).map(
    ([name, { shellOnly: _, ...option }]) => [name, option] as const,
  );
  return `onair ${usageOf({ ...command, arguments: typed, options: Object.fromEntries(options) })}`;
}

/** Of those whose whole name begins the words, the one with the longest name. */
export function commandNamed<One extends Pick<AnyCommand, 'method'>>(
  commands: readonly One[],
  words: readonly string[],
): One | null {
  const isNamed = ({ method }: One): boolean =>
    method.split('.').every((part, at) => words[at]?.toLowerCase() === part);
  const found = commands.filter(isNamed).sort((one, other) => other.method.length - one.method.length);
  return found[0] ?? null;
}

/** Parameters of what a person wrote: arguments by name, and options. */
export function paramsFrom(
  command: Pick<AnyCommand, 'arguments' | 'fromWords'>,
  words: Readonly<Record<string, string>>,
  options: Readonly<Record<string, string | boolean>>,
): unknown {
  const asking = command.arguments.flatMap(({ askedWith }) => askedWith ?? []);
  const given = Object.entries(options).filter(([name]) => !asking.includes(name));
  const params = command.fromWords?.(words) ?? words;
  return {
    ...(params as object),
    ...Object.fromEntries(given.map(([name, value]) => [camelCase(name), value])),
  };
}

function camelCase(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}
