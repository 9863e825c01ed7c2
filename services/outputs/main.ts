import { type FromOutputs, type ToOutputs, toOutputs } from '#core/protocol/link.ts';
import { runDaemon } from '#core/runtime/daemon.ts';
import { LinkClient } from '#core/runtime/link-client.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { makeSender } from './make-sender.ts';
import { Outputs } from './outputs.ts';

await runDaemon('outputs', async ({ logger, own }) => {
  const paths = pathsFrom(process.env);
  const link = new LinkClient<ToOutputs, FromOutputs>({
    daemon: 'outputs',
    socketPath: paths.controlSocket,
    incoming: toOutputs,
    logger,
  });
  own(link);

  const outputs = new Outputs({
    makeSender: (settings) => makeSender(settings, { mediaSocket: paths.mediaSocket, logger }),
    onReport: (reports) => link.send({ type: 'outputs_report', payload: { outputs: reports } }),
    clock,
    logger,
  });
  own(outputs);

  link.on('message', (message) => {
    if (message.type === 'outputs_configure') outputs.configure(message.payload);
  });
  link.start();
});
