import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/** Whether a UDP port is free on every address. */
export async function isUdpPortFree(port: number): Promise<boolean> {
  const socket = createSocket({ type: 'udp6', ipv6Only: false });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, resolve);
    });
    return true;
  } catch (error) {
    // A machine without IPv6: the real bind will tell.
    return error instanceof Error && 'code' in error && error.code !== 'EADDRINUSE';
  } finally {
    socket.close();
  }
}

/** Whether a TCP port can be had on every address; 0 always can. */
export async function isTcpPortFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}
