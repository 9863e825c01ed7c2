import { pageAddresses } from '#core/domain/page-address.ts';
import type { LinkStatusBody } from '#core/protocol/api.ts';
import type { ControlApi } from '#core/runtime/control-api.ts';
import { version } from '#core/version.ts';
import { describeState } from '../commands/status.ts';

const answerWithinMs = 1_000;

/** What a box says first: its name, where its page is, how it is. Null where its main service does not answer. */
export async function greetingOf(box: ControlApi): Promise<string | null> {
  try {
    return greet(await box.call<LinkStatusBody>('GET', '/api/v1/status', { timeoutMs: answerWithinMs }));
  } catch {
    return null;
  }
}

function greet(status: LinkStatusBody): string {
  const page = pageAddresses(status).join('  or  ') || 'no network yet. Join one: wifi scan, wifi join NAME';
  return [
    '',
    `Onair ${version}: ${status.device.name}`,
    `  Page   ${page}`,
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
