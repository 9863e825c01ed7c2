import type { ApiClient } from '#core/protocol/client.ts';
import { getStatus, type LinkStatusBody } from '#core/protocol/endpoints/box.ts';
import { getWifi, type WifiBody } from '#core/protocol/endpoints/wifi.ts';
import { version } from '#core/version.ts';
import { isInOwnWifi, pagesOf, pageWords } from '#operator/commands/pages.ts';
import { describeState } from '#operator/commands/status.ts';

const answerWithinMs = 1_000;

/** What a box says first: its name, where its page is, how it is. Null where its main service does not answer. */
export async function greetingOf(box: ApiClient<'operator'>): Promise<string | null> {
  try {
    const status = await box.call(getStatus, { timeoutMs: answerWithinMs });
    return greet(status, isInOwnWifi(status) ? await ownWifiOf(box) : null);
  } catch {
    return null;
  }
}

async function ownWifiOf(box: ApiClient<'operator'>): Promise<WifiBody['accessPoint']> {
  return await box.call(getWifi, { timeoutMs: answerWithinMs }).then(
    ({ accessPoint }) => accessPoint,
    () => null,
  );
}

function greet(status: LinkStatusBody, ownWifi: WifiBody['accessPoint']): string {
  const { network, cable } = pageWords(pagesOf(status));
  return [
    '',
    `Onair ${version}: ${status.device.name}`,
    `  Page   ${network ?? 'no network yet. Join one: wifi scan, wifi join NAME'}`,
    ...(cable === null ? [] : [`         ${cable}`]),
    ...(ownWifi === null
      ? []
      : [`  Wi-Fi  the box’s own: ${ownWifi.ssid}, passphrase ${ownWifi.passphrase ?? 'unknown'}`]),
    `  State  ${describeState(status)}`,
    'Type help and press Enter.',
    '',
  ].join('\n');
}

/** While the main service is not there. */
export const greetingWhileAway = [
  '',
  `Onair ${version}`,
  '  State  the main service does not answer yet; it comes within seconds',
  'Type help and press Enter.',
  '',
].join('\n');
