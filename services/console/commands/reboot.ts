import { z } from 'zod';
import { command } from './command.ts';

export const rebootCommand = command({
  method: 'reboot',
  summary: 'Start the box anew; a broadcast ends',
  arguments: [],
  params: z.strictObject({}),
  result: z.object({ restarting: z.literal(true) }),
  run: async (_, { box, signal }) => {
    await box.call('POST', '/api/v1/restart', { body: { what: 'box' }, signal });
    return { restarting: true as const };
  },
  show: () => 'The box starts anew. This line comes back in about half a minute.',
});
