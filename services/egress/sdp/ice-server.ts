import { isIP } from 'node:net';
import type { IceServer } from '#core/protocol/signaling.ts';

/** An ICE server in parts, so that no engine has to take a URL apart. */
export interface IceServerAddress {
  kind: 'stun' | 'turn';
  hostname: string;
  port: number;
  transport: 'udp' | 'tcp' | 'tls';
  username: string;
  credential: string;
}

/** RFC 7064 (stun) and RFC 7065 (turn): scheme, host, port, transport. */
const url =
  /^(stuns?|turns?):(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]{1,253})(?::(\d{1,5}))?(?:\?transport=(udp|tcp))?$/;
/** More of them only make joining slower. */
const maxServers = 4;

/** Takes ICE servers as signaling carries them into parts; what is not a valid server is left out. */
export function parseIceServers(servers: IceServer[]): IceServerAddress[] {
  const addresses: IceServerAddress[] = [];
  for (const server of servers) {
    for (const text of Array.isArray(server.urls) ? server.urls : [server.urls]) {
      const address = parseUrl(text, server);
      if (address && addresses.length < maxServers) addresses.push(address);
    }
  }
  return addresses;
}

function parseUrl(text: string, server: IceServer): IceServerAddress | null {
  const match = url.exec(text);
  if (!match) return null;
  const [, scheme = '', host = '', port, transport] = match;
  const hostname = host.startsWith('[') ? host.slice(1, -1) : host;
  if (host.startsWith('[') && isIP(hostname) !== 6) return null;
  const secure = scheme === 'stuns' || scheme === 'turns';
  const number = port === undefined ? (secure ? 5349 : 3478) : Number(port);
  if (number < 1 || number > 65_535) return null;
  const kind = scheme.startsWith('stun') ? 'stun' : 'turn';
  if (kind === 'turn' && (!server.username || !server.credential)) return null;
  return {
    kind,
    hostname,
    port: number,
    transport: secure ? 'tls' : transport === 'tcp' ? 'tcp' : 'udp',
    username: server.username ?? '',
    credential: server.credential ?? '',
  };
}
