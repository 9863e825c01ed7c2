import { runCommandLine } from '#cli/command-line.ts';

/** What `onair ARGS` prints and ends with, run here: command.ts runs what ships. */
export async function shell(
  args: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  const printed: string[] = [];
  const complained: string[] = [];
  const exitCode = await runCommandLine(args, {
    environment,
    output: { print: (text) => printed.push(text), complain: (text) => complained.push(text) },
  });
  return { exitCode, stdout: printed.join('\n'), stderr: complained.join('\n') };
}
