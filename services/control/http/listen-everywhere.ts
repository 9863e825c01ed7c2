import type { Server } from 'node:net';
import { listen } from '#core/runtime/listen.ts';
import type { ListenOn } from './http-server.ts';
import { explainListen } from './listen-error.ts';

/**
 * Listens where it is told. Every address is `::`, which a machine without IPv6 does not have: there it is every
 * address of IPv4.
 * @throws OnairError `unavailable` where the port is taken or may not be used
 */
export async function listenEverywhere(
  server: Server,
  listenOn: ListenOn,
  onError: (error: Error) => void,
): Promise<void> {
  try {
    await listen(server, listenOn, onError);
  } catch (error) {
    if (!('host' in listenOn) || listenOn.host !== '::' || !lacksIpv6(error))
      throw explainListen(error as NodeJS.ErrnoException, listenOn);
    await listenEverywhere(server, { ...listenOn, host: '0.0.0.0' }, onError);
  }
}

function lacksIpv6(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
}
