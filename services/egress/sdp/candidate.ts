import { isIP } from 'node:net';

/** RFC 8839, 5.1: foundation, component, transport, priority, address, port, type; what follows is extensions. */
const line =
  /^candidate:([A-Za-z0-9+/]{1,32}) (\d{1,3}) ([A-Za-z]{3,8}) (\d{1,10}) ([0-9A-Fa-f.:]{2,45}) (\d{1,5}) typ (host|srflx|prflx|relay)((?: [!-~]{1,256}){0,24})$/;

/**
 * Reads a viewer's candidate; null for one that can't be used. Only UDP and only addresses that are IP literals:
 * names (browsers hide host addresses behind mDNS names) are never looked up for a stranger, and they are not
 * needed, since the viewer's own checks reach us and show where it is.
 */
export function usableCandidate(text: string): string | null {
  const match = line.exec(text.replace(/^a=/, '').trim());
  if (!match) return null;
  const [, foundation, component, transport = '', priority, address = '', port, type, rest = ''] = match;
  if (component !== '1' || transport.toLowerCase() !== 'udp') return null;
  if (isIP(address) === 0 || Number(port) < 1 || Number(port) > 65_535) return null;
  if (Number(priority) > 2 ** 32 - 1) return null;
  const related = / raddr ([0-9A-Fa-f.:]{2,45}) rport (\d{1,5})/.exec(rest);
  const base = related && isIP(related[1] ?? '') !== 0 ? ` raddr ${related[1]} rport ${related[2]}` : '';
  return `candidate:${foundation} 1 UDP ${priority} ${address} ${port} typ ${type}${base}`;
}
