import { z } from 'zod';
import type { LinkStatusBody } from '#core/protocol/api.ts';
import { pairingCode } from '#core/protocol/operator-api.ts';
import { command } from './command.ts';
import { pagesOf, sayPages } from './pages.ts';

export const pairCommand = command({
  method: 'pair',
  summary: 'Show a code that makes a browser the operator',
  details: 'The code is for one use within five minutes. Type it on the studio page.',
  arguments: [],
  params: z.strictObject({}),
  result: pairingCode.extend({
    /** Where to type it. */
    pages: z.array(z.string()),
  }),
  run: async (_, { box, signal }) => {
    const code = await box.call<z.infer<typeof pairingCode>>('POST', '/api/v1/pairing/code', { signal });
    const status = await box.call<LinkStatusBody>('GET', '/api/v1/status', { signal });
    return { ...code, pages: pagesOf(status).map((page) => `${page}/studio`) };
  },
  show: ({ code, pages }) => {
    const where = sayPages(pages) ?? 'on the studio page, once the box has a network';
    return `Code ${code}, good for one use within 5 minutes.\nType it ${where}`;
  },
});
