import { printable } from '#core/hardware/network/wifi.ts';
import type { AnswerOf } from '#core/protocol/client.ts';
import { forgetWifi, getWifi, joinWifi, scanWifi, type WifiBody } from '#core/protocol/endpoints/wifi.ts';
import { CliError } from '../cli-error.ts';
import type { LinkApi } from '../link-api.ts';
import { askSecret } from '../secret-line.ts';

type Scan = AnswerOf<typeof scanWifi>;

/** `onair wifi [scan | join NAME | forget NAME]` */
export async function wifi(
  api: LinkApi,
  [action, ssid, ...rest]: string[],
  { hidden }: { hidden: boolean },
): Promise<string> {
  if (action === undefined) return describe(await api.call(getWifi));
  if (action === 'scan' && ssid === undefined) return list(await api.call(scanWifi));
  if (action === 'join' && ssid && rest.length === 0) return await join(api, ssid, hidden);
  if (action === 'forget' && ssid && rest.length === 0) {
    await api.call(forgetWifi, { params: { ssid } });
    return `${printable(ssid)} is forgotten.`;
  }
  throw new CliError(2, 'Usage: onair wifi [scan | join NAME [--hidden] | forget NAME]');
}

/** The passphrase is asked for, or comes as a line of standard input: arguments are for everybody to see. */
async function join(api: LinkApi, ssid: string, hidden: boolean): Promise<string> {
  const { saved } = await api.call(getWifi);
  const known = saved.includes(ssid) ? 'Enter alone takes the saved one' : 'Enter alone is none';
  const passphrase = await askSecret(`Passphrase of ${printable(ssid)} (${known}): `);
  const body = { ssid, hidden, ...(passphrase === '' ? {} : { passphrase }) };
  const joined = await api.call(joinWifi, { body });
  const page = joined.address === null ? '' : ` The page is at ${joined.address}.`;
  return `${printable(joined.ssid)} is joined.${page}`;
}

function describe({ available, connected, saved, accessPoint, joining, failure }: WifiBody): string {
  if (!available) return 'There is no Wi-Fi here: no radio, or no NetworkManager that runs it.';
  const signal = connected?.signalPercent == null ? '' : `, signal ${connected.signalPercent} %`;
  const lines: [string, string][] = [
    ['Network', connected === null ? 'none' : `${printable(connected.ssid)}${signal}`],
    ['Saved', saved.length === 0 ? 'none' : saved.map(printable).join(', ')],
  ];
  if (joining !== null) lines.push(['Joining', printable(joining)]);
  if (accessPoint !== null) {
    const { ssid, passphrase, address } = accessPoint;
    lines.push(['Own', `${ssid}, passphrase ${passphrase ?? 'unknown'}`], ['Page', address]);
  }
  if (failure !== null) lines.push(['Why', failure.message], ['To do', failure.action]);
  return lines.map(([label, value]) => `${label.padEnd(9)} ${value}`).join('\n');
}

function list({ networks }: Scan): string {
  if (networks.length === 0) return 'No network is in reach.';
  return networks
    .map(({ ssid, signalPercent, secured, saved }) => {
      const kind = [secured ? 'passphrase' : 'open', saved ? 'saved' : null].filter(Boolean).join(', ');
      return `${String(signalPercent).padStart(3)} %  ${printable(ssid)}  (${kind})`;
    })
    .join('\n');
}
