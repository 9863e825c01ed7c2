import type { CommandContext } from '#operator/command.ts';

/** What commands of the serial line work with besides. */
export interface LineContext extends CommandContext {
  /** Sends status changes to the program that asked; null where a person asks. */
  subscription: { start(): void; end(): void } | null;
  /** Ends the conversation; null where a program asks. */
  leave: (() => void) | null;
}

/** What is the same for every command on a line. */
export type LineSurroundings = Pick<LineContext, 'box' | 'prefix' | 'pagesOf' | 'machine' | 'remember'>;
