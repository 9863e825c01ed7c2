import { type AnyCommand, alias } from '#operator/command.ts';
import { helpCommand } from '#operator/commands/help.ts';
import { operatorCommands } from '#operator/table.ts';
import type { LineContext } from './context.ts';
import { exitCommand } from './exit.ts';
import { patchCommand } from './patch.ts';
import { subscribeCommand, unsubscribeCommand } from './subscribe.ts';

const help = helpCommand<LineContext>(() => commands);

/** All commands of the serial line, in the order of the help. */
export const commands: readonly AnyCommand<LineContext>[] = [
  ...operatorCommands,
  help,
  alias('?', { of: help, hidden: true }),
  exitCommand,
  patchCommand,
  subscribeCommand,
  unsubscribeCommand,
];

/** Those that programs call, as documents name them. */
export const methods = commands.filter(({ peopleOnly, hidden }) => !peopleOnly && !hidden);
