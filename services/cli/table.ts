import type { AnyCommand } from '#operator/command.ts';
import { helpCommand } from '#operator/commands/help.ts';
import { operatorCommands } from '#operator/table.ts';
import { conformanceCommand } from './commands/conformance.ts';
import { consoleCommand } from './commands/console.ts';
import { demoCommand } from './commands/demo.ts';
import { pressCommand } from './commands/press.ts';
import { snapshotCommand } from './commands/snapshot.ts';
import { updateFromShellCommand } from './commands/update.ts';
import type { CliContext } from './context.ts';

/** All commands of the shell, in the order of the help. */
export const commands: readonly AnyCommand<CliContext>[] = [
  demoCommand,
  pressCommand,
  ...operatorCommands.map((one) => (one.method === 'update' ? updateFromShellCommand : one)),
  snapshotCommand,
  consoleCommand,
  conformanceCommand,
  helpCommand<CliContext>(() => commands),
];
