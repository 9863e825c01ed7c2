import { createSocket } from 'node:dgram';
import type { Problem } from '#core/domain/problem.ts';

/** An engine that can't start; `reason` says it to people. */
export class EngineError extends Error {
  override name = 'EngineError';
  readonly reason: Problem;

  constructor(reason: Problem, options?: ErrorOptions) {
    super(`${reason.message} ${reason.action}`, options);
    this.reason = reason;
  }
}

/**
 * Finds out whether a UDP port can be bound, before an engine tries and can only say that it failed.
 * @param port 0 lets the system choose
 * @param bindAddress null is every address, IPv4 and IPv6
 * @returns the port
 * @throws EngineError
 */
export async function claimPort(port: number, bindAddress: string | null): Promise<number> {
  const socket = createSocket({ type: bindAddress?.includes(':') === false ? 'udp4' : 'udp6' });
  try {
    return await new Promise<number>((resolve, reject) => {
      socket.once('error', reject);
      socket.bind({ port, address: bindAddress ?? '::', exclusive: true }, () =>
        resolve(socket.address().port),
      );
    });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    // A machine without IPv6 can't bind "::"; IPv4 alone is fine then.
    if (bindAddress === null && (code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL'))
      return await claimPort(port, '0.0.0.0');
    throw new EngineError(addressReason(code, port, bindAddress), { cause: error });
  } finally {
    socket.close();
  }
}

/** What to tell people of a UDP port that can't be had. @param code the system's */
export function addressReason(code: string | undefined, port: number, bindAddress: string | null): Problem {
  switch (code) {
    case 'EADDRINUSE':
      return {
        code: 'webrtc-port-in-use',
        message: `UDP port ${port} for WebRTC is in use by another program.`,
        action: 'Stop that program, or set webrtc.port to another port.',
      };
    case 'EACCES':
      return {
        code: 'webrtc-port-forbidden',
        message: `UDP port ${port} for WebRTC may not be opened without special rights.`,
        action: 'Set webrtc.port to a port above 1023.',
      };
    case 'EADDRNOTAVAIL':
    case 'EINVAL':
      return {
        code: 'webrtc-address-unknown',
        message: `This machine has no address ${bindAddress} for WebRTC to listen on.`,
        action: 'Set webrtc.bindAddress to an address of this machine, or leave it empty.',
      };
    default:
      return {
        code: 'webrtc-port-unavailable',
        message: `UDP port ${port} for WebRTC can't be opened (${code ?? 'unknown error'}).`,
        action: 'Set webrtc.port and webrtc.bindAddress to what this machine has.',
      };
  }
}
