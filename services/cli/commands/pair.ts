import { getStatus } from '#core/protocol/endpoints/box.ts';
import { makePairingCode } from '#core/protocol/endpoints/operators.ts';
import type { LinkApi } from '../link-api.ts';
import { pageAddresses } from './status.ts';

/** `onair pair`: a code that makes a browser, or a program, the operator of this box. */
export async function pair(api: LinkApi): Promise<string> {
  const status = await api.call(getStatus);
  const { code, expiresAt } = await api.call(makePairingCode);
  const pages = pageAddresses(status).map((page) => `${page}/studio`);
  const until = new Date(expiresAt).toLocaleTimeString();
  return [`Code  ${code}   for one use, until ${until}`, `Type it at  ${pages.join('  or  ')}`].join('\n');
}
