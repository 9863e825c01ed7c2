import type { Access } from '../access/open-access.ts';
import type { ControlContext } from '../start/context.ts';
import type { Dialect } from './dialect.ts';
import { SocketHost } from './socket-host.ts';

/** The web sockets of all dialects. */
export function openSockets(
  deps: Pick<ControlContext, 'clock' | 'logger'> & {
    access: Pick<Access, 'hold'>;
    dialects: { all: readonly Dialect[] };
  },
): SocketHost {
  const { clock, logger, access, dialects } = deps;
  const sockets = new SocketHost({ dialects: dialects.all, clock, logger, hold: access.hold });
  sockets.start();
  return sockets;
}
