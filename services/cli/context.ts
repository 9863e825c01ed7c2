import type { Paths } from '#core/runtime/paths.ts';
import type { CommandContext } from '#operator/command.ts';

/** What commands of the shell work with besides. */
export interface CliContext extends CommandContext {
  /** Of the running appliance that is meant. */
  paths: Paths;
  /** What `--state` said. */
  state: string | undefined;
}
