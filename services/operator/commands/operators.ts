import { z } from 'zod';
import { listOperators, operatorList, removeOperator } from '#core/protocol/endpoints/operators.ts';
import { command } from '../command.ts';
import { CommandError } from '../command-error.ts';

export const operatorsCommand = command({
  method: 'operators',
  summary: 'Who paired with this box',
  arguments: [],
  params: z.strictObject({}),
  result: operatorList,
  run: async (_, { box, signal }) => await box.call(listOperators, { signal }),
  show: ({ operators }) => {
    if (operators.length === 0) return 'Nobody has paired with this box. Pair with pair, or the button.';
    const width = Math.max(...operators.map(({ name }) => name.length));
    return operators
      .map(({ id, name, createdAt, lastSeenAt }) => {
        const seen = lastSeenAt === null ? 'never seen since' : `last seen ${when(lastSeenAt)}`;
        return `${id}  ${name.padEnd(width)}  since ${when(createdAt)}, ${seen}`;
      })
      .join('\n');
  },
});

export const operatorsRevokeCommand = command({
  method: 'operators.revoke',
  summary: 'Take away what lets somebody operate this box',
  details: 'The first letters of an id are enough where no other begins with them.',
  arguments: [{ name: 'id' }],
  params: z.strictObject({ id: z.string().min(1).max(64) }),
  result: z.object({ id: z.string(), name: z.string() }),
  run: async ({ id }, { box, signal }) => {
    const { operators } = await box.call(listOperators, { signal });
    const meant = operators.filter((operator) => operator.id.startsWith(id));
    const [operator] = meant;
    if (!operator)
      throw new CommandError('not-found', `There is no operator ${id}.`, 'operators lists them.');
    if (meant.length > 1)
      throw new CommandError('conflict', `${id} may be one of ${meant.length}.`, 'Give more of its id.');
    await box.call(removeOperator, { params: { operator: operator.id }, signal });
    return { id: operator.id, name: operator.name };
  },
  show: ({ name }) => `${name} operates this box no longer.`,
});

function when(at: string): string {
  return new Date(at).toLocaleString();
}
