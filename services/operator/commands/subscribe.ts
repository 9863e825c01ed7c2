import { z } from 'zod';
import { command } from '../command.ts';
import { CommandError } from '../command-error.ts';

const result = z.object({ subscribed: z.boolean() });

export const subscribeCommand = command({
  method: 'subscribe',
  summary: 'Send a statusChanged notification now and at every change of the status',
  programsOnly: true,
  arguments: [],
  params: z.strictObject({}),
  result,
  run: async (_, { subscription }) => {
    if (subscription === null) throw new CommandError('unknown-command', 'Only programs can subscribe.');
    subscription.start();
    return { subscribed: true };
  },
  show: () => '',
});

export const unsubscribeCommand = command({
  method: 'unsubscribe',
  summary: 'Send no notifications any more',
  programsOnly: true,
  arguments: [],
  params: z.strictObject({}),
  result,
  run: async (_, { subscription }) => {
    subscription?.end();
    return { subscribed: false };
  },
  show: () => '',
});
