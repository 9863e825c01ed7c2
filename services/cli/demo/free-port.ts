import { createSocket } from 'node:dgram';

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
