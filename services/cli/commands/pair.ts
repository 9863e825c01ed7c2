import type { z } from 'zod';
import type { LinkStatusBody } from '#core/protocol/api.ts';
import type { pairingCode } from '#core/protocol/operator-api.ts';
import type { LinkApi } from '../link-api.ts';
import { pageAddresses } from './status.ts';

/** `onair pair`: a code that makes a browser, or a program, the operator of this box. */
export async function pair(api: LinkApi): Promise<string> {
  const status = await api.call<LinkStatusBody>('GET', '/api/v1/status');
  const { code, expiresAt } = await api.call<z.infer<typeof pairingCode>>('POST', '/api/v1/pairing/code');
  const pages = pageAddresses(status).map((page) => `${page}/studio`);
  const until = new Date(expiresAt).toLocaleTimeString();
  return [`Code  ${code}   for one use, until ${until}`, `Type it at  ${pages.join('  or  ')}`].join('\n');
}
