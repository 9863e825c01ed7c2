import type { VisibleNetwork, WifiSecurity } from '#core/hardware/network/wifi.ts';
import { terseRows } from './nmcli.ts';

/** What `scanFields` of `nmcli --terse device wifi list` say of one network. */
export const scanFields = 'IN-USE,SSID-HEX,SIGNAL,SECURITY,MODE';

/** A network as one access point of it was heard. */
export interface HeardNetwork extends VisibleNetwork {
  inUse: boolean;
}

/** No room full of radios has more, and a hostile one may. */
const maxNetworks = 200;

/** The strongest first, each name once; without those that tell no name, and without computer-to-computer ones. */
export function parseScan(text: string): HeardNetwork[] {
  const networks = new Map<string, HeardNetwork>();
  for (const [inUse, hex = '', signal, security = '', mode] of terseRows(text)) {
    const ssid = textOf(hex);
    if (ssid === null || mode === 'Ad-Hoc' || mode === 'Mesh') continue;
    const heard: HeardNetwork = {
      ssid,
      signalPercent: Math.min(100, Math.max(0, Number.parseInt(signal ?? '', 10) || 0)),
      security: securityOf(security),
      inUse: inUse === '*',
    };
    const known = networks.get(ssid);
    if (known === undefined || heard.inUse || (!known.inUse && heard.signalPercent > known.signalPercent))
      networks.set(ssid, heard);
  }
  return [...networks.values()]
    .sort((one, other) => other.signalPercent - one.signalPercent)
    .slice(0, maxNetworks);
}

/** The name that bytes spell; null for a name that is empty or kept secret (nothing but zeros). */
function textOf(hex: string): string | null {
  if (!/^([\dA-F]{2}){1,32}$/i.test(hex)) return null;
  const bytes = Buffer.from(hex, 'hex');
  return bytes.every((byte) => byte === 0) ? null : bytes.toString('utf8');
}

function securityOf(words: string): WifiSecurity {
  const kinds = words.split(/\s+/).filter((word) => word !== '' && word !== '--');
  if (kinds.length === 0) return 'open';
  if (kinds.includes('802.1X') || kinds.includes('WEP')) return 'unsupported';
  if (kinds.includes('WPA1') || kinds.includes('WPA2')) return 'wpa';
  if (kinds.includes('WPA3')) return 'wpa3';
  return kinds.some((kind) => kind.startsWith('OWE')) ? 'enhanced-open' : 'unsupported';
}
