import { z } from 'zod';
import { getStatus } from '#core/protocol/endpoints/box.ts';
import { makePairingCode, pairingCode } from '#core/protocol/endpoints/operators.ts';
import { command } from '../command.ts';
import { sayPages } from './pages.ts';

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
  run: async (_, { box, signal, pagesOf }) => {
    const code = await box.call(makePairingCode, { signal });
    const status = await box.call(getStatus, { signal });
    return { ...code, pages: pagesOf(status).map((page) => `${page}/studio`) };
  },
  show: ({ code, pages }) => {
    const where = sayPages(pages) ?? 'on the studio page, once the box has a network';
    return `Code ${code}, good for one use within 5 minutes.\nType it ${where}`;
  },
});
