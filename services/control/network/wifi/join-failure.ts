import { WifiError, type WifiProblem } from '#core/hardware/network/wifi.ts';
import type { NmcliAnswer } from './nmcli.ts';

/**
 * NMDeviceStateReason as nmcli prints it, with its number (`(7) Secrets …`) or without: which of them mean what to
 * people. A wrong passphrase looks like secrets that were not given: NetworkManager asks again, and nobody answers.
 */
const meanings: readonly { says: RegExp; problem: WifiProblem }[] = [
  {
    says: /\((7|8|9|10|11)\)|secrets were required|no secrets|supplicant|802\.1X/i,
    problem: 'wifi-wrong-passphrase',
  },
  {
    says: /\(53\)|could not be found|no network with ssid|ssid.not.found/i,
    problem: 'wifi-not-found',
  },
  {
    says: /\((5|6|15|16|17)\)|IP configuration|DHCP/i,
    problem: 'wifi-no-address',
  },
];

/** Why `nmcli connection up` failed. */
export function joinFailure(ssid: string, { exitCode, stderr }: NmcliAnswer): WifiError {
  const found = meanings.find(({ says }) => says.test(stderr));
  if (found) return new WifiError(found.problem, ssid, stderr.trim());
  // It timed out: every step before an address fails by itself and sooner.
  if (exitCode === 3) return new WifiError('wifi-no-address', ssid, stderr.trim());
  return new WifiError('wifi-failed', ssid, stderr.trim());
}
