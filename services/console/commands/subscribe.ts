import { z } from 'zod';
import { command } from '#operator/command.ts';
import { CommandError } from '#operator/command-error.ts';
import type { LineContext } from './context.ts';

const params = z.strictObject({});
const result = z.object({ subscribed: z.boolean() });

export const subscribeCommand = command<typeof params, typeof result, LineContext>({
  method: 'subscribe',
  summary: 'Send a statusChanged notification now and at every change of the status',
  programsOnly: true,
  arguments: [],
  params,
  result,
  run: async (_, { subscription }) => {
    if (subscription === null) throw new CommandError('unknown-command', 'Only programs can subscribe.');
    subscription.start();
    return { subscribed: true };
  },
  show: () => '',
});

export const unsubscribeCommand = command<typeof params, typeof result, LineContext>({
  method: 'unsubscribe',
  summary: 'Send no notifications any more',
  programsOnly: true,
  arguments: [],
  params,
  result,
  run: async (_, { subscription }) => {
    subscription?.end();
    return { subscribed: false };
  },
  show: () => '',
});
