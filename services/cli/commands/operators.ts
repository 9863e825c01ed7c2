import { listOperators, type OperatorList, removeOperator } from '#core/protocol/endpoints/operators.ts';
import { CliError } from '../cli-error.ts';
import type { LinkApi } from '../link-api.ts';

/** `onair operators [list | revoke ID]`; the first letters of an id are enough where they are one's alone. */
export async function operators(api: LinkApi, [action = 'list', id]: string[]): Promise<string> {
  const { operators: known } = await api.call(listOperators);
  if (action === 'list') return list(known);
  if (action !== 'revoke' || !id) throw new CliError(2, 'Usage: onair operators [list | revoke ID]');
  const meant = known.filter((operator) => operator.id.startsWith(id));
  const [operator] = meant;
  if (!operator) throw new CliError(1, `There is no operator ${id}. See onair operators.`);
  if (meant.length > 1) throw new CliError(1, `${id} may be one of ${meant.length}. Give more of its id.`);
  await api.call(removeOperator, { params: { operator: operator.id } });
  return `${operator.name} operates this box no longer.`;
}

function list(known: OperatorList['operators']): string {
  if (known.length === 0) return 'Nobody has paired with this box. Pair with onair pair, or the button.';
  const width = Math.max(...known.map(({ name }) => name.length));
  return known
    .map(({ id, name, createdAt, lastSeenAt }) => {
      const seen = lastSeenAt === null ? 'never seen since' : `last seen ${when(lastSeenAt)}`;
      return `${id}  ${name.padEnd(width)}  since ${when(createdAt)}, ${seen}`;
    })
    .join('\n');
}

function when(at: string): string {
  return new Date(at).toLocaleString();
}
