import { ApiClient } from '#core/protocol/client.ts';
import { runDaemon } from '#core/runtime/daemon.ts';
import { environmentFrom } from '#core/runtime/environment.ts';
import { LinkClient } from '#core/runtime/link-client.ts';
import { linkTransport } from '#core/runtime/link-transport.ts';
import { pathsFrom } from '#core/runtime/paths.ts';
import { systemClock as clock } from '#core/runtime/system-clock.ts';
import { Console } from './console.ts';
import { SerialPort } from './serial/serial-port.ts';
import { UsbCable } from './serial/usb-cable.ts';
import { VirtualLine } from './serial/virtual-line.ts';

await runDaemon('console', async ({ logger, own }) => {
  const paths = pathsFrom(process.env);
  const link = new LinkClient<never, never>({
    daemon: 'console',
    socketPath: paths.controlSocket,
    incoming: { parse: (message) => message as never }, // control has nothing to ask of the console
    logger,
  });
  const { consoleSocket: socketPath, consolePort } = environmentFrom(process.env);
  const line = socketPath
    ? new VirtualLine({ socketPath, clock })
    : new SerialPort({
        path: consolePort ?? '/dev/ttyGS0',
        // Another port than the gadget's has no device controller that tells.
        cable: consolePort ? null : new UsbCable({ directory: '/sys/class/udc', clock }),
        clock,
        logger,
      });
  const box = new ApiClient<'operator'>(linkTransport(paths.controlSocket));
  const terminal = new Console({
    line,
    open: async () => {
      const { Conversation } = await import('./conversation.ts'); // large, and a box without a cable needs none
      return new Conversation({ line, box, clock, logger });
    },
    onFailure: (error) => logger.error({ err: error }, 'no conversation could be begun'),
  });
  own({
    // Closed last: a line that the system does not let go of would hold up even the end of this process.
    close: () => {
      if (line instanceof SerialPort && line.stuck) process.kill(process.pid, 'SIGKILL');
    },
  });
  own(terminal);
  own(link);
  await terminal.start();
  link.start();
});
