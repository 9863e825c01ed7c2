import { createHash } from 'node:crypto';
import type { BootWifi } from './boot-file.ts';

/**
 * NetworkManager's keyfile (nm-settings-keyfile(5)) for a network that onair.toml names. With a passphrase it is for
 * WPA2, and for networks of both.
 */
export function connectionFile(wifi: BootWifi): string {
  return keyfile(wifi, { name: 'onair.toml', keyManagement: 'wpa-psk' });
}

/**
 * The same for WPA3 alone: NetworkManager brings up `wpa-psk` by itself only where WPA2 is on the air, and nobody has
 * listened yet. After the other one, since it would not do for a radio without WPA3 in a network of both.
 * @returns null where one is enough: for an open network, and a hidden one, which is tried unheard
 */
export function wpa3ConnectionFile(wifi: BootWifi): string | null {
  if (wifi.passphrase === null || wifi.hidden) return null;
  return keyfile(wifi, { name: 'onair.toml, WPA3', keyManagement: 'sae', priority: -1 });
}

function keyfile(
  { ssid, passphrase, hidden }: BootWifi,
  { name, keyManagement, priority = 0 }: { name: string; keyManagement: string; priority?: number },
): string {
  // As bytes: a name may have anything in it.
  const bytes = [...Buffer.from(ssid)].map((byte) => `${byte};`).join('');
  const lines = [
    '[connection]',
    `id=${name}`,
    `uuid=${uuidOf(name, ssid)}`,
    'type=wifi',
    ...(priority === 0 ? [] : [`autoconnect-priority=${priority}`]),
    '',
    '[wifi]',
    'mode=infrastructure',
    `ssid=${bytes}`,
    ...(hidden ? ['hidden=true'] : []),
    ...(passphrase === null
      ? []
      : ['', '[wifi-security]', `key-mgmt=${keyManagement}`, `psk=${escaped(passphrase)}`]),
    '',
    '[ipv4]',
    'method=auto',
    '',
    '[ipv6]',
    'method=auto',
  ];
  return `${lines.join('\n')}\n`;
}

/** GKeyFile: a backslash begins an escape, and spaces at the beginning would be lost. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replace(/^ +/, (spaces) => '\\s'.repeat(spaces.length));
}

/** The same network is the same connection. */
function uuidOf(name: string, ssid: string): string {
  const hash = createHash('sha256').update(`${name}\0${ssid}`).digest('hex');
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 3) | 8).toString(16);
  return [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `${variant}${hash.slice(17, 20)}`]
    .concat(hash.slice(20, 32))
    .join('-');
}
