import { z } from 'zod';
import { restartBox } from '#core/protocol/endpoints/care.ts';
import { command } from '../command.ts';

export const rebootCommand = command({
  method: 'reboot',
  summary: 'Start the box anew; a broadcast ends',
  arguments: [],
  params: z.strictObject({}),
  result: z.object({ restarting: z.literal(true) }),
  run: async (_, { box, signal }) => {
    await box.call(restartBox, { body: { what: 'box' }, signal });
    return { restarting: true as const };
  },
  show: () => 'The box starts anew. This line comes back in about half a minute.',
});
