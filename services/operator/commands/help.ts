import { z } from 'zod';
import { type AnyCommand, type CommandContext, command } from '../command.ts';
import { CommandError } from '../command-error.ts';
import { shellUsageOf, usageOf } from '../usage.ts';

const helpEntry = z.object({
  method: z.string(),
  usage: z.string(),
  summary: z.string(),
  details: z.string(),
  options: z.array(z.object({ usage: z.string(), summary: z.string() })),
});

/** `help [COMMAND]`. @param commands all of the front end, this one among them */
export function helpCommand<Context extends CommandContext>(
  commands: () => readonly AnyCommand<Context>[],
): AnyCommand<Context> {
  return command({
    method: 'help',
    summary: 'This list, or more of one command',
    arguments: [{ name: 'command', rest: true }],
    params: z.strictObject({ command: z.string().max(64).optional() }),
    result: z.object({ commands: z.array(helpEntry) }),
    run: async ({ command: name }, { prefix }) => {
      const method = name?.trim().replaceAll(/\s+/g, '.');
      const shown = commands().filter(
        (one) =>
          !one.programsOnly &&
          !one.hidden &&
          (!method || one.method === method || one.method.startsWith(`${method}.`)),
      );
      if (shown.length === 0)
        throw new CommandError('not-found', `There is no command ${name}.`, `${prefix}help shows them all.`, {
          isUsage: true,
        });
      return { commands: shown.map((one) => entryOf(one, prefix)) };
    },
    show: ({ commands: shown }, { prefix }) => {
      const width = Math.max(...shown.map(({ usage }) => usage.length));
      const lines = shown.map(({ usage, summary }) => `${usage.padEnd(width)}  ${summary}`);
      const [only] = shown.length === 1 ? shown : [];
      const details = only?.details ? [only.details] : [];
      const options = (only?.options ?? []).map(({ usage, summary }) => `  ${usage.padEnd(18)}  ${summary}`);
      const keys = 'Tab completes, the arrow keys bring back what was typed, Ctrl-C stops a command.';
      const isWhole = shown.length > 8;
      const json = isWhole ? ['--json after a command that lists or shows prints the API’s answer.'] : [];
      return [...lines, ...details, ...options, ...json, ...(isWhole && prefix === '' ? [keys] : [])].join(
        '\n',
      );
    },
  });
}

function entryOf(one: AnyCommand<never>, prefix: string): z.infer<typeof helpEntry> {
  const { method, summary, details = '', options = {} } = one;
  const usable = Object.entries(options).filter(([, { shellOnly }]) => !shellOnly || prefix !== '');
  return {
    method,
    usage: prefix === '' ? usageOf(one) : shellUsageOf(one),
    summary,
    details,
    options: usable.map(([name, { value, short, summary: meaning }]) => ({
      usage: `${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`,
      summary: meaning,
    })),
  };
}
