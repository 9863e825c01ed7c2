import { z } from 'zod';
import { restartBox, restartRequest } from '#core/protocol/endpoints/care.ts';
import { type CommandContext, command } from '../command.ts';

const result = z.object({ restarting: z.literal(true), what: restartRequest.shape.what });

export const restartCommand = command({
  method: 'restart',
  summary: 'Restart the services, or the box; a broadcast goes on after services',
  arguments: [{ name: 'what', choices: () => restartRequest.shape.what.options }],
  params: z.strictObject({ what: restartRequest.shape.what.default('services') }),
  result,
  run: async ({ what }, context) => await restart(what, context),
  show,
});

export const rebootCommand = command({
  method: 'reboot',
  summary: 'Restart the box; a broadcast ends',
  arguments: [],
  params: z.strictObject({}),
  result,
  run: async (_, context) => await restart('box', context),
  show,
});

async function restart(
  what: z.output<typeof result>['what'],
  { box, signal }: CommandContext,
): Promise<z.input<typeof result>> {
  await box.call(restartBox, { body: { what }, signal });
  return { restarting: true, what };
}

function show({ what }: z.output<typeof result>): string {
  return what === 'box'
    ? 'The box restarts; it is back in about half a minute.'
    : 'The services restart; a broadcast goes on in a few seconds.';
}
