import { createHash } from 'node:crypto';
import type { BootWifi } from './boot-file.ts';

/** NetworkManager's keyfile (nm-settings-keyfile(5)) for a network that onair.toml names. */
export function connectionFile({ ssid, passphrase, hidden }: BootWifi): string {
  // As bytes: a name may have anything in it.
  const bytes = [...Buffer.from(ssid)].map((byte) => `${byte};`).join('');
  const lines = [
    '[connection]',
    'id=onair.toml',
    `uuid=${uuidOf(ssid)}`,
    'type=wifi',
    '',
    '[wifi]',
    'mode=infrastructure',
    `ssid=${bytes}`,
    ...(hidden ? ['hidden=true'] : []),
    ...(passphrase === null ? [] : ['', '[wifi-security]', 'key-mgmt=wpa-psk', `psk=${escaped(passphrase)}`]),
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
function uuidOf(ssid: string): string {
  const hash = createHash('sha256').update(`onair.toml\0${ssid}`).digest('hex');
  const variant = ((Number.parseInt(hash.charAt(16), 16) & 3) | 8).toString(16);
  return [hash.slice(0, 8), hash.slice(8, 12), `8${hash.slice(13, 16)}`, `${variant}${hash.slice(17, 20)}`]
    .concat(hash.slice(20, 32))
    .join('-');
}
