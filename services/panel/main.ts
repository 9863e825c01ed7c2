import { OnairError } from '#core/domain/errors.ts';
import { VirtualBoard } from '#core/hardware/virtual-board.ts';
import { type FromPanel, type ToPanel, toPanel } from '#core/protocol/link.ts';
import { runDaemon } from '#core/runtime/daemon.ts';
import { LinkClient } from '#core/runtime/link-client.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { systemClock } from '#core/runtime/system-clock.ts';
import { Panel } from './panel.ts';

await runDaemon('panel', async ({ logger, own }) => {
  const paths = pathsFrom(process.env);
  const boardName = process.env.ONAIR_BOARD ?? 'virtual';
  if (boardName !== 'virtual') {
    throw new OnairError('not-found', `There is no board named ${boardName}.`, {
      action: 'Set ONAIR_BOARD=virtual.',
    });
  }
  const board = new VirtualBoard({ socketPath: paths.boardSocket });
  const link = new LinkClient<ToPanel, FromPanel>({
    daemon: 'panel',
    socketPath: paths.controlSocket,
    incoming: toPanel,
    logger,
  });
  const panel = new Panel({ line: board, lights: board, link, clock: systemClock, logger });
  own(panel);
  await panel.start();
});
