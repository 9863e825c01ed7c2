import { connect } from 'node:net';
import { z } from 'zod';
import type { Paths } from '#core/runtime/paths.ts';
import { command } from '#operator/command.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';

/** Ctrl-] leaves, as in telnet and virsh: Ctrl-C belongs to the other end. */
const leaveKey = 0x1d;

const params = z.strictObject({});
const result = z.null();

export const consoleCommand = command<typeof params, typeof result, CliContext>({
  method: 'console',
  summary: 'The demo’s serial line in this terminal, as over a USB cable',
  arguments: [],
  params,
  result,
  run: async (_, { paths }) => await openConsole(paths),
  show: () => '',
});

/**
 * This terminal on the virtual serial line, as a terminal program on a laptop would be on the USB
 * cable. Without a terminal, what comes on standard input is sent, and the answers printed until the line is closed.
 * @throws CliError 3 where there is no virtual line
 */
async function openConsole(paths: Paths): Promise<null> {
  const line = connect(paths.consoleSocket);
  const { stdin, stdout } = process;
  await new Promise<void>((resolve, reject) => {
    line.once('error', () =>
      reject(new CliError(3, `There is no virtual serial line in ${paths.runtimeDirectory}.`)),
    );
    line.once('connect', () => {
      if (stdin.isTTY) console.log('Ctrl-] leaves.');
      stdin.setRawMode?.(true);
      stdin.on('data', (keys: Buffer) => {
        const leaveAt = stdin.isTTY ? keys.indexOf(leaveKey) : -1;
        if (leaveAt < 0) line.write(keys);
        else line.end(keys.subarray(0, leaveAt));
      });
      line.on('data', (bytes) => stdout.write(bytes));
    });
    line.once('close', resolve);
  });
  stdin.setRawMode?.(false);
  stdin.destroy();
  if (stdout.isTTY) console.log();
  return null;
}
