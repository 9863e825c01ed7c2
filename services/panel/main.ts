import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type FromPanel, type ToPanel, toPanel } from '#core/protocol/link/panel.ts';
import { runDaemon } from '#core/runtime/daemon.ts';
import { environmentFrom } from '#core/runtime/environment.ts';
import { LinkClient } from '#core/runtime/link-client.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { BoardCatalogue } from './board/board-catalogue.ts';
import { BoardKeeper } from './board-keeper.ts';
import { realMachine } from './open-board.ts';
import { Panel } from './panel.ts';

await runDaemon('panel', async ({ logger, own }) => {
  const paths = pathsFrom(process.env);
  const folder = join(dirname(fileURLToPath(import.meta.url)), '..', 'firmware', 'boards');
  const boards = new BoardKeeper({
    catalogue: new BoardCatalogue({ folder, sysRoot: realMachine.sysRoot }),
    environment: environmentFrom(process.env).board,
    machine: realMachine,
    boardSocket: paths.boardSocket,
    clock,
    logger,
  });
  const link = new LinkClient<ToPanel, FromPanel>({
    daemon: 'panel',
    socketPath: paths.linkSockets.panel,
    incoming: toPanel,
    logger,
  });
  const panel = new Panel({ board: await boards.first(), link, clock, logger });
  own(panel);
  await panel.start();
  link.events.on('message', (message) => {
    if (message.type === 'panel_configure') boards.want(message.payload.board, panel);
  });
});
