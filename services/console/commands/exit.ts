import { z } from 'zod';
import { command } from '#operator/command.ts';
import type { LineContext } from './context.ts';

const params = z.strictObject({});
const result = z.object({ left: z.literal(true) });

export const exitCommand = command<typeof params, typeof result, LineContext>({
  method: 'exit',
  summary: 'Leave the line; the next key begins another conversation',
  peopleOnly: true,
  arguments: [],
  params,
  result,
  run: async (_, { leave }) => {
    leave?.();
    return { left: true as const };
  },
  show: () => '',
});
