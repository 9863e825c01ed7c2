import { connect } from 'node:net';
import { z } from 'zod';
import type { BoardCommand, BoardReport } from '#core/hardware/virtual-board.ts';
import { onLines } from '#core/runtime/lines.ts';
import type { Paths } from '#core/runtime/paths.ts';
import { command } from '#operator/command.ts';
import { CliError } from '../cli-error.ts';
import type { CliContext } from '../context.ts';

/** A firm, quick press: longer than the debounce, as a finger's is. */
const shortHoldMs = 80;
const longHoldMs = 3_200;

const params = z.strictObject({ long: z.boolean().default(false) });
const result = z.object({ long: z.boolean() });

export const pressCommand = command<typeof params, typeof result, CliContext>({
  method: 'press',
  summary: 'Press the virtual board’s button',
  arguments: [],
  options: { long: { summary: 'Hold it for 3 seconds: pairing' } },
  params,
  result,
  run: async ({ long }, { paths }) => {
    await press(paths, { long });
    return { long };
  },
  show: ({ long }) => (long ? 'Pressed for 3 seconds.' : 'Pressed.'),
});

/**
 * Moves the virtual board's button as a finger would; returns once the release is delivered.
 * @throws CliError 3 where no virtual board runs
 */
export async function press(paths: Paths, { long }: { long: boolean }): Promise<void> {
  const board = connect(paths.boardSocket);
  const failed = new Promise<never>((_, reject) => {
    board.once('error', () =>
      reject(new CliError(3, `No virtual board is running in ${paths.runtimeDirectory}.`)),
    );
  });
  try {
    await Promise.race([failed, delivered(board, { button: 'down' })]);
    await new Promise((resolve) => setTimeout(resolve, long ? longHoldMs : shortHoldMs));
    await Promise.race([failed, delivered(board, { button: 'up' })]);
  } finally {
    board.destroy();
  }
}

function delivered(board: ReturnType<typeof connect>, command: BoardCommand): Promise<void> {
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new CliError(1, 'The virtual board went away meanwhile.'));
    if (board.destroyed) gone();
    onLines(board, (line) => {
      const report = JSON.parse(line) as BoardReport;
      if ('done' in report && report.done.button === command.button) resolve();
    });
    board.once('close', gone);
    board.write(`${JSON.stringify(command)}\n`);
  });
}
